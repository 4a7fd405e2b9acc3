// A receiver with Fastify. The plugin leaves the bodies of its own route as they came; others are parsed as ever.
//   WEBHOOK_SECRET=whsec_… node examples/receivers/fastify.mjs
import Fastify from 'fastify';
import { fastifyPlugin } from 'posthorn/verify';

const app = Fastify();
app.register(
  fastifyPlugin({ path: '/webhooks', secret: process.env.WEBHOOK_SECRET }, (event) => {
    console.log('received', event.id, event.type, JSON.stringify(event.data));
  }),
);

const port = Number(process.env.PORT ?? 3000);
await app.listen({ port, host: '127.0.0.1' });
console.log(`listening on http://127.0.0.1:${port}/webhooks`);
