// Publishes events over HTTP: one with an Idempotency-Key, tried again when Posthorn asks for it, and a batch.
//   node examples/publish.mjs
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { posthorn, sayAndEnd } from './connection.mjs';

/**
 * The key makes it safe to repeat: an answer that got lost, a 503, a restart of ours. Make it once per event, from
 * something you store (an order's id, an outbox row), not anew for every try.
 */
async function publish(event, idempotencyKey) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await posthorn('POST', '/events', event, { 'idempotency-key': idempotencyKey });
    } catch (error) {
      // No status: the connection failed. Any other 4xx is ours to mend, and trying again would not help.
      const worthAnotherTry = error.status === undefined || error.status >= 500;
      if (!worthAnotherTry || tries === 5) throw error;
      await sleep(1000 * (error.retryAfterSeconds || tries));
    }
  }
}

async function main() {
  const key = `order-${randomUUID()}`;
  const event = { type: 'conversation.created', data: { conversation_id: 'conv_1', channel: 'web' } };

  const first = await publish(event, key);
  console.log('published', first.status, first.answer);

  const again = await publish(event, key);
  console.log('repeated ', again.status, again.answer, '← nothing is delivered twice');

  // Up to 1000 events in a request. Each is accepted or refused by itself, in order.
  const { answer } = await posthorn('POST', '/events/batch', {
    events: [
      { type: 'conversation.updated', data: { conversation_id: 'conv_1', status: 'open' } },
      { type: 'Not a type', data: {} },
      { type: 'conversation.ended', data: { conversation_id: 'conv_1' } },
    ],
  });
  for (const result of answer.results) {
    console.log('batch    ', result.error ? `refused: ${result.error.detail}` : result);
  }
}

await main().catch(sayAndEnd);
