/** `npm start`, also on a fresh clone: installs and builds what is missing, then runs Posthorn in this process. */
import { prepareOrExit } from './bootstrap.mjs';

await prepareOrExit();
await import('../dist/src/main.js');
