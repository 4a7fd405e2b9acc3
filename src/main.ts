/**
 * The program: becomes a Node with the memory settings of memory-settings.ts where it is not one yet, and runs. Its other
 * commands are in src/cli.
 */
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ALLOCATOR_SETTINGS, missingFlags } from './memory-settings.ts';

const [argument] = process.argv.slice(2);
if (argument === undefined || argument === 'run') {
  becomeWithSettings();
  await import('./run.ts');
} else {
  process.stderr.write(
    `This program runs Posthorn and takes no arguments ("${argument}"). Commands are posthorn's: npx posthorn help\n`,
  );
  process.exitCode = 2;
}

/**
 * In place, with pid, terminal and parent as they are. Where that cannot be, it runs as it is: on Windows, under a
 * parent that talks to it (the channel would be lost), with Node's permissions, or by a loader of its own.
 */
function becomeWithSettings(): void {
  const missing = missingFlags(process.execArgv, process.env.NODE_OPTIONS);
  const { execve, execPath, execArgv, platform } = process;
  const isNode = /(^|[\\/])node[^\\/]*$/.test(execPath);
  if (missing.length === 0 || platform === 'win32' || !execve || process.send || !isNode) return;
  const program = [...execArgv, ...missing, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  try {
    // What execve itself fails at ends the process: replaced or made unusable since it was started, it could not be run.
    accessSync(execPath, constants.X_OK);
    execve.call(process, execPath, [execPath, ...program], { ...ALLOCATOR_SETTINGS, ...process.env });
  } catch (error) {
    process.stderr.write(`Posthorn runs without its memory settings: ${(error as Error).message}\n`);
  }
}
