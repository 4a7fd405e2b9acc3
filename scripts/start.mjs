/** `npm start`, also on a fresh clone: installs and builds what is missing, then runs Posthorn in this process. */
import { ensureBuilt, ensurePackages, requireNode } from './bootstrap.mjs';

try {
  requireNode();
  await ensurePackages();
  await ensureBuilt();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/src/main.js');
