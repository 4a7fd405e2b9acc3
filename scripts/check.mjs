/** `npm run check`: format, lint and types, as much of it side by side as two cores have room for. What fails is printed. */
import { spawn } from 'node:child_process';
import { root } from './bootstrap.mjs';

/** Types that the others read. */
const FIRST = [['node', 'scripts/build-web.mjs', '--types']];
const CHAINS = [
  [['eslint', '.']],
  [
    ['prettier', '--check', '.'],
    ['tsc', '--noEmit'],
    ['tsc', '-p', 'web', '--noEmit'],
  ],
];

/** Resolves with what it printed if it failed, else with null. */
function runTool([command, ...args]) {
  const tool = command === 'node' ? process.execPath : `node_modules/.bin/${command}`;
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? null : output || `it ended with ${code}`));
  });
}

async function runChain(tools) {
  let failed = 0;
  for (const tool of tools) {
    const output = await runTool(tool);
    if (output === null) continue;
    console.error(`\n${tool.join(' ')}:\n${output}`);
    failed += 1;
  }
  return failed;
}

const failed = [await runChain(FIRST), ...(await Promise.all(CHAINS.map(runChain)))];
process.exitCode = failed.some((count) => count > 0) ? 1 : 0;
