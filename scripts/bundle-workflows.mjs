/** Second half of `npm run build`: dist/workflows → dist/workflow-bundle.js, which workers load as it is. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../dist/src/temporal/bundle.js';

const dist = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

writeFileSync(dist('workflow-bundle.js'), await bundleWorkflows(dist('workflows/index.js')));
// scripts/bootstrap.mjs compares the sources with this file's time.
writeFileSync(dist('.built'), '');
