// What the HTTP examples share: where Posthorn is, and the key. `npm start` keeps its key in .posthorn/api-key.
import { readFileSync } from 'node:fs';

const base = process.env.POSTHORN_URL ?? 'http://127.0.0.1:8080';
const key = process.env.POSTHORN_API_KEY ?? readFileSync('.posthorn/api-key', 'utf8').trim();

/** Calls the API for one tenant. Throws with the problem document's words unless the answer is 2xx. */
export async function posthorn(method, path, body, headers = {}) {
  const response = await fetch(`${base}/v1/tenants/${process.env.TENANT ?? 'acme'}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = response.status === 204 ? null : await response.json();
  if (response.ok) return { status: response.status, answer };
  const error = new Error(`${method} ${path}: ${response.status} ${answer.detail}`);
  error.status = response.status;
  error.retryAfterSeconds = Number(response.headers.get('retry-after') ?? 0);
  throw error;
}
