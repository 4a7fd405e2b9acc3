/** Second half of `npm run build`: dist/workflows → dist/workflow-bundle.js, which workers load as it is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../dist/src/temporal/bundle.js';

const dist = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

writeFileSync(dist('workflow-bundle.js'), await bundleWorkflows(dist('workflows/index.js')));
// tsc has copied all of it for the version. As a package within the package it would have exports of its own for some bundlers.
const { version, type } = JSON.parse(readFileSync(dist('package.json'), 'utf8'));
writeFileSync(dist('package.json'), `${JSON.stringify({ version, type })}\n`);
// scripts/bootstrap.mjs compares the sources with this file's time.
writeFileSync(dist('.built'), '');
