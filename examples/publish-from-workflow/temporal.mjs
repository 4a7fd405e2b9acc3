// Posthorn's Temporal server and task queue; `npm start` with PORT=8080 has them here.
export const address = process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233';
export const posthornTaskQueue = process.env.POSTHORN_TASK_QUEUE ?? 'posthorn';

/** What went wrong in words, without a stack trace. */
export function notReached(error) {
  console.error(`Temporal cannot be reached at ${address} (${error.message}).
Is "npm start" running? It prints the address. Is it another one? Then set TEMPORAL_ADDRESS.`);
  process.exit(1);
}
