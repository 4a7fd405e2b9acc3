/**
 * The dashboard: web/ → dist/web, when something in it is newer than what was built. With --types only the types of the API,
 * made from docs/openapi.json.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => join(root, path);
const TYPES = 'dist/web-api.d.ts';
const DOCUMENT = 'docs/openapi.json';
const STAMP = 'dist/.web-built';

const changedAtMs = (path) => (existsSync(at(path)) ? statSync(at(path)).mtimeMs : 0);

async function makeTypes() {
  mkdirSync(at('dist'), { recursive: true });
  const { default: openapiTS, astToString } = await import('openapi-typescript');
  const document = JSON.parse(readFileSync(at(DOCUMENT), 'utf8'));
  // What has a default may be left out of a request.
  const nodes = await openapiTS(document, { defaultNonNullable: false });
  writeFileSync(at(TYPES), `// Made from ${DOCUMENT} by scripts/build-web.mjs.\n${astToString(nodes)}`);
}

/** Folders count: their time shows deleted files. */
function newestIn(folder) {
  const times = readdirSync(at(folder), { withFileTypes: true, recursive: true }).map((entry) => {
    return statSync(join(entry.parentPath, entry.name)).mtimeMs;
  });
  return Math.max(changedAtMs('package-lock.json'), changedAtMs('scripts/build-web.mjs'), ...times);
}

if (changedAtMs(TYPES) <= changedAtMs(DOCUMENT)) await makeTypes();
if (
  !process.argv.includes('--types') &&
  (!existsSync(at('dist/web')) || changedAtMs(STAMP) < newestIn('web'))
) {
  const startedAt = new Date();
  const { build } = await import('vite');
  await build({ configFile: at('web/vite.config.ts'), logLevel: 'warn' });
  writeFileSync(at(STAMP), '');
  utimesSync(at(STAMP), startedAt, startedAt);
}
