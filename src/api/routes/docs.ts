import type { RequestHandler, Router } from 'express';
import { createHash } from 'node:crypto';
import { openApiDocument } from '../openapi/document.ts';
import { docsPage, PAGE_POLICY } from '../openapi/page.ts';
import { protectPage } from '../security-headers.ts';

/** What this API is, for programs and for people. Nothing in it is secret, so nobody is asked for a key. */
export function docsRoutes(router: Pick<Router, 'get'>): void {
  router.get(
    '/openapi.json',
    fixed('application/json; charset=utf-8', () => JSON.stringify(openApiDocument())),
  );
  router.get(
    '/docs',
    fixed('text/html; charset=utf-8', () => docsPage(openApiDocument()), PAGE_POLICY),
  );
}

/** Made when somebody asks for the first time; the same bytes from then on. */
function fixed(
  type: string,
  make: () => string,
  policy = `default-src 'none'; frame-ancestors 'none'`,
): RequestHandler {
  let made: { bytes: Buffer; tag: string } | null = null;
  return (request, response) => {
    if (!made) {
      const bytes = Buffer.from(make());
      made = { bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
    }
    protectPage(response, { policy, cache: 'no-cache' });
    response.set({ 'Content-Type': type, ETag: made.tag });
    // Not request.fresh: that sends all of it again to whoever says no-cache, as fetch() in Node does.
    if (isNamed(made.tag, request.get('if-none-match'))) response.status(304).end();
    else response.send(made.bytes);
  };
}

const isNamed = (tag: string, names = ''): boolean =>
  names.split(',').some((name) => name.trim().replace(/^W\//, '') === tag);
