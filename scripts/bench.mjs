/** `npm run bench [-- scenario … options]`: installs and builds what is missing, then runs the benchmark. */
import { ensureBuilt, ensurePackages, requireNode } from './bootstrap.mjs';

try {
  requireNode();
  await ensurePackages();
  await ensureBuilt();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/bench/main.js');
