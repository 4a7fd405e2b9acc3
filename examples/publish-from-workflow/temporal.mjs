// Posthorn's Temporal server and task queue; `npm start` with PORT=8080 has them here.
export const address = process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233';
export const posthornTaskQueue = process.env.POSTHORN_TASK_QUEUE ?? 'posthorn';
