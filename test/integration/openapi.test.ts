/** The document as it is served, and what it shows as examples. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { openApiDocument } from '../../src/api/openapi/document.ts';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();

it('/openapi.json is there for everybody, and once only for who has it', async () => {
  const first = await fetch(`${rig.url}/openapi.json`);
  expect(first.status).toBe(200);
  expect(first.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const text = await first.text();
  expect(JSON.parse(text)).toEqual(openApiDocument());
  expect(text).not.toContain(API_KEY);
  const tag = first.headers.get('etag')!;
  const again = await fetch(`${rig.url}/openapi.json`, { headers: { 'if-none-match': tag } });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
});

it('/docs shows every operation, and may load nothing but its own style sheet', async () => {
  const response = await fetch(`${rig.url}/docs`);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const page = await response.text();
  const [, style] = /<style>([^]*?)<\/style>/.exec(page)!;
  const hash = createHash('sha256').update(style!).digest('base64');
  const policy = response.headers.get('content-security-policy')!;
  expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|\son\w+=|@import|url\(/i);
  for (const methods of Object.values(openApiDocument().paths))
    for (const { operationId } of Object.values(methods))
      expect(page).toContain(`<article id="${operationId}">`);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
});

it('examples are accepted as they stand', async () => {
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, '/examples');
  const { body: key } = await rig.call('POST', '/v1/keys', { name: 'example', scopes: ['read'] });
  const examples = Object.entries(openApiDocument().paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) =>
      Object.values(requestBody?.content ?? {}).map(({ example }) => ({ path, method, example })),
    ),
  );
  expect(examples.length).toBeGreaterThan(12);
  for (const { path, method, example } of examples) {
    const filled = path
      .replace('{tenant}', tenant)
      .replace('{id}', path.startsWith('/v1/keys') ? key.id : endpoint.id)
      .replace('{name}', 'order.paid');
    const own = example as Record<string, unknown>;
    const body = {
      ...own,
      // Those of the example are not there.
      ...('url' in own ? { url: `${rig.receiver.url}/examples` } : {}),
      ...('endpoint_id' in own ? { endpoint_id: endpoint.id } : {}),
    };
    const { status, body: answer } = await rig.call(method.toUpperCase(), filled, body);
    expect(status, `${method} ${path}: ${JSON.stringify(answer)}`).toBeLessThan(300);
  }
});
