// A receiver with Express. Its route stands before express.json(), so that the body is left as it came.
//   WEBHOOK_SECRET=whsec_… node examples/receivers/express.mjs
import express from 'express';
import { nodeHandler } from 'posthorn/verify';

const app = express();
app.post(
  '/webhooks',
  nodeHandler({ secret: process.env.WEBHOOK_SECRET }, (event) => {
    console.log('received', event.id, event.type, JSON.stringify(event.data));
  }),
);
app.use(express.json()); // for all routes below

const port = Number(process.env.PORT ?? 3000);
app.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}/webhooks`));
