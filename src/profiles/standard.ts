import type { Profile } from './profile.ts';

const delaysSeconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** Standard Webhooks 1.0.0, with the retry schedule that its specification gives as an example. */
export const standard: Profile = {
  name: 'standard',
  description: 'Standard Webhooks 1.0.0: what most webhook libraries verify out of the box.',
  headers: { eventId: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' },
  signature: { scheme: 'standard' },
  secretFormat: 'whsec',
  secretOptional: false,
  envelope: [
    { field: 'type', from: 'type' },
    { field: 'timestamp', from: 'timestamp' },
    { field: 'data', from: 'data' },
  ],
  timestampFormat: 'iso',
  schedule: { delaysSeconds, maxRetries: delaysSeconds.length, jitter: 0.1 },
  exponentialSeconds: delaysSeconds,
  timeoutSeconds: 15,
  methods: ['POST'],
  // Every platform on this profile has its own types; these show the form and serve for a first try.
  events: [
    {
      type: 'example.ping',
      description: 'Sent by hand to see whether an endpoint answers.',
      example: { message: 'Hello from Posthorn', sequence: 1 },
    },
    {
      type: 'invoice.paid',
      description: 'An example of a business event: a customer has settled an invoice.',
      example: {
        invoice_id: 'inv_20931',
        customer_id: 'cus_5512',
        amount: '249.00',
        currency: 'EUR',
        paid_at: '2026-05-17T12:34:50Z',
      },
    },
  ],
};
