import type { Profile } from './profile.ts';

const delaysSeconds = [60, 300, 1800, 10_800];

const conversation = { conversation_id: 'conv_2f8c', channel: 'widget', visitor_email: 'mara@example.com' };
const ticket = { ticket_id: 'tkt_418', conversation_id: 'conv_2f8c', subject: 'Refund for order 7731' };

/** Agentbot. Five attempts in all: at once, then after 1 min, 5 min, 30 min and 3 h. */
export const agentbot: Profile = {
  name: 'agentbot',
  description: 'Agentbot: timestamp and hex HMAC in one header, event type and delivery id in two more.',
  headers: {
    eventType: 'X-Agentbot-Event',
    signature: 'X-Agentbot-Signature',
    deliveryId: 'X-Agentbot-Delivery-Id',
  },
  signature: { scheme: 'timestamped-hex' },
  secretFormat: 'hex',
  secretOptional: false,
  envelope: [
    { field: 'event', from: 'type' },
    { field: 'timestamp', from: 'timestamp' },
    { field: 'site_id', from: 'tenant' },
    { field: 'data', from: 'data' },
  ],
  timestampFormat: 'iso-seconds',
  schedule: { delaysSeconds, maxRetries: delaysSeconds.length, jitter: 0 },
  exponentialSeconds: delaysSeconds,
  timeoutSeconds: 5,
  methods: ['POST'],
  events: [
    {
      type: 'conversation.created',
      description: 'A visitor began a conversation.',
      example: { ...conversation, page_url: 'https://shop.example.com/pricing' },
    },
    {
      type: 'conversation.closed',
      description: 'An agent closed a conversation.',
      example: { ...conversation, closed_by: 'agent_12', message_count: 9 },
    },
    {
      type: 'message.created',
      description: 'There is a new message, whoever wrote it: visitor, agent or the AI.',
      example: {
        conversation_id: 'conv_2f8c',
        message_id: 'msg_907',
        sender_type: 'visitor',
        body: 'Can I change my delivery address?',
        visitor_email: 'mara@example.com',
        visitor_name: null,
      },
    },
    {
      type: 'conversation.needs_human',
      description: 'The AI wants a person to take over a chat.',
      example: {
        ...conversation,
        reason: 'low_confidence',
        last_message: 'That does not answer my question.',
      },
    },
    {
      type: 'ticket.created',
      description: 'A ticket was filed, by the AI or by hand.',
      example: { ...ticket, status: 'open', priority: 'normal', assignee: null, created_by: 'ai' },
    },
    {
      type: 'ticket.updated',
      description: 'A ticket has another status, priority or assignee.',
      example: {
        ...ticket,
        status: 'in_progress',
        priority: 'high',
        assignee: 'agent_12',
        changed: ['status', 'priority', 'assignee'],
      },
    },
  ],
};
