// A receiver as a customer would write it: checks the signature over the raw body, throws duplicates away, answers
// at once. Profile "standard" (and "eev"), with the standardwebhooks package.
//   WEBHOOK_SECRET=whsec_… node examples/receiver-express.mjs
import express from 'express';
import { Webhook } from 'standardwebhooks';

const secret = process.env.WEBHOOK_SECRET;
if (!secret) {
  console.error('Set WEBHOOK_SECRET to the secret that the endpoint was made with (whsec_…).');
  process.exit(1);
}
const webhook = new Webhook(secret);
const seen = new Set(); // in real life: a table with a unique key, written in the transaction that does the work

const app = express();

// express.raw keeps the bytes as they came. With express.json in front of it no signature would match.
app.post('/webhooks', express.raw({ type: 'application/json', limit: '2mb' }), (request, response) => {
  let event;
  try {
    event = webhook.verify(request.body, request.headers);
  } catch (error) {
    console.log('refused:', error.message);
    response.status(401).send(error.message);
    return;
  }
  response.sendStatus(204); // first answer, then work: the sender waits 15 s at most
  const id = request.headers['webhook-id'];
  if (seen.has(id)) return console.log('again   ', id, '(ignored)');
  seen.add(id);
  console.log('received', id, event.type, JSON.stringify(event.data));
});

const port = Number(process.env.PORT ?? 3000);
app.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}/webhooks`));
