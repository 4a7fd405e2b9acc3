#!/usr/bin/env node
/** The command `posthorn`. It begins quickly: what a command needs is loaded when it is called. */
const NEEDED_MAJOR = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED_MAJOR) {
  process.stderr.write(`posthorn needs Node ${NEEDED_MAJOR} or newer; this is ${process.versions.node}.\n`);
  process.exit(2);
}
// `posthorn … | head` is over when head is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
const { runCli } = await import('./program.ts');
await runCli(process.argv);
