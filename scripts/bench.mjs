/** `npm run bench [-- scenario … options]`: installs and builds what is missing, then runs the benchmark. */
import { prepareOrExit } from './bootstrap.mjs';

await prepareOrExit();
await import('../dist/bench/main.js');
