import type { RequestHandler, Response } from 'express';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { protectPage } from '../security-headers.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Of nothing but ourselves, and no script or style within the page: whatever is in a payload stays text. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self' data:`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `require-trusted-types-for 'script'`,
  // Nor may anything say that some text is safe as HTML.
  `trusted-types 'none'`,
].join('; ');

interface File {
  bytes: Buffer;
  packed: Buffer;
  type: string;
}

/** Beside this file's folder when it runs as built, and in dist/ when it runs from its source. */
const FOLDERS = ['../../../web', '../../../dist/web'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

export interface DashboardOptions {
  /** Origins of pages that may show /embed in a frame. */
  frameAncestors: readonly string[];
  /** Whether files are read once: not while somebody works on them. */
  keepsFiles: boolean;
}

/** The dashboard: its page for every path that a person opens, and its assets. */
export function dashboard({ frameAncestors: ancestors, keepsFiles }: DashboardOptions): RequestHandler {
  const folder = FOLDERS.find((path) => existsSync(join(path, 'assets')));
  const files = new Map<string, File>();
  const find = (path: string): File | null => {
    const known = files.get(path);
    if (known) return known;
    if (!existsSync(join(folder!, path))) return null;
    const file = read(join(folder!, path));
    if (keepsFiles) files.set(path, file);
    return file;
  };
  const framed = ['frame-ancestors', ...(ancestors.length > 0 ? ancestors : [`'none'`])].join(' ');

  return (request, response, next) => {
    const { path } = request;
    if (!folder || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
    const [, name] = /^\/assets\/([\w-]+(?:\.[\w-]+)+)$/.exec(path) ?? [];
    const asset = name === undefined ? null : find(`assets/${name}`);
    if (asset) {
      // Their names have a digest of what is in them.
      protectPage(response, { policy: POLICY, cache: 'public, max-age=31536000, immutable' });
      return send(response, asset, request.get('accept-encoding'));
    }
    if (name !== undefined || path.startsWith('/v1/') || !request.get('accept')?.includes('text/html'))
      return next();
    const isEmbed = path === '/embed' || path.startsWith('/embed/');
    const page = find('index.html');
    if (!page) return next();
    const policy = `${POLICY}; ${isEmbed ? framed : `frame-ancestors 'none'`}`;
    protectPage(response, { policy, cache: 'no-cache', framed: isEmbed });
    response.set('Cross-Origin-Opener-Policy', 'same-origin');
    send(response, page, request.get('accept-encoding'));
  };
}

function read(path: string): File {
  const bytes = readFileSync(path);
  return { bytes, packed: gzipSync(bytes), type: TYPES[extname(path)] ?? 'application/octet-stream' };
}

function send(response: Response, { bytes, packed, type }: File, encodings = ''): void {
  const isPacked = /\bgzip\b/.test(encodings);
  response.set({ 'Content-Type': type, Vary: 'Accept-Encoding' });
  if (isPacked) response.set('Content-Encoding', 'gzip');
  response.end(isPacked ? packed : bytes);
}
