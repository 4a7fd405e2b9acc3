// A receiver with Hono, here on Node. On Deno, Bun and edge runtimes the same, without serve().
//   WEBHOOK_SECRET=whsec_… node examples/receivers/hono.mjs
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { honoHandler } from 'posthorn/verify';

const app = new Hono();
app.post(
  '/webhooks',
  honoHandler({ secret: process.env.WEBHOOK_SECRET }, (event) => {
    console.log('received', event.id, event.type, JSON.stringify(event.data));
  }),
);

const port = Number(process.env.PORT ?? 3000);
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () =>
  console.log(`listening on http://127.0.0.1:${port}/webhooks`),
);
