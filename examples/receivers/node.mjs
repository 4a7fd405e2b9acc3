// A receiver with nothing but Node.
//   WEBHOOK_SECRET=whsec_… node examples/receivers/node.mjs
import { createServer } from 'node:http';
import { nodeHandler } from 'posthorn/verify';

const webhooks = nodeHandler({ secret: process.env.WEBHOOK_SECRET }, (event) => {
  console.log('received', event.id, event.type, JSON.stringify(event.data));
});

const server = createServer((request, response) => {
  if (request.url === '/webhooks') return webhooks(request, response);
  response.writeHead(404).end();
});
const port = Number(process.env.PORT ?? 3000);
server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}/webhooks`));
