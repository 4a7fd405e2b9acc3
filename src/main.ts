/** The program: becomes a Node with the memory settings of memory-settings.ts where it is not one yet, and runs. */
import { fileURLToPath } from 'node:url';
import { ALLOCATOR_SETTINGS, missingFlags } from './memory-settings.ts';

const missing = missingFlags(process.execArgv, process.env.NODE_OPTIONS);
// In place, with pid, terminal and parent as they are. Windows has no such call: there it runs as it is.
if (missing.length > 0 && process.platform !== 'win32' && process.execve) {
  const args = [process.execPath, ...process.execArgv, ...missing, fileURLToPath(import.meta.url)];
  process.execve(process.execPath, args, { ...ALLOCATOR_SETTINGS, ...process.env });
}
await import('./run.ts');
