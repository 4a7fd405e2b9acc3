// What the HTTP examples share: where Posthorn is, and the key. `npm start` keeps its key in .posthorn/api-key.
import { existsSync, readFileSync } from 'node:fs';

const base = process.env.POSTHORN_URL ?? 'http://127.0.0.1:8080';
const KEY_FILE = '.posthorn/api-key';

/** Calls the API for one tenant. Throws with the problem document's words unless the answer is 2xx. */
export async function posthorn(method, path, body, headers = {}) {
  const response = await fetch(`${base}/v1/tenants/${process.env.TENANT ?? 'acme'}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey()}`, 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error) => {
    throw new Error(`Posthorn cannot be reached at ${base} (${error.cause?.message ?? error.message}).
Is "npm start" running? Is it elsewhere? Then set POSTHORN_URL.`);
  });
  const answer = response.status === 204 ? null : await response.json();
  if (response.ok) return { status: response.status, answer };
  const error = new Error(`${method} ${path}: ${response.status} ${answer.detail}`);
  error.status = response.status;
  error.retryAfterSeconds = Number(response.headers.get('retry-after') ?? 0);
  throw error;
}

function apiKey() {
  if (process.env.POSTHORN_API_KEY) return process.env.POSTHORN_API_KEY;
  if (existsSync(KEY_FILE)) return readFileSync(KEY_FILE, 'utf8').trim();
  const error = new Error(
    `There is no API key: run this where ${KEY_FILE} of "npm start" is, or set POSTHORN_API_KEY.`,
  );
  error.status = 401;
  throw error;
}

/** For the end of an example: what went wrong in words, without a stack trace. */
export function sayAndEnd(error) {
  console.error(error.message);
  process.exitCode = 1;
}
