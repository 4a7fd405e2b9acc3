import type { Profile } from './profile.ts';

const delaysSeconds = [10, 60, 300, 900, 3600, 21_600];

const conversation = { conversation_id: 'conv_7d41', agent_id: 'agt_support', session_id: 'ses_90ab' };
const agent = { agent_id: 'agt_support', name: 'Support assistant', version: '4.2.0' };

/** 8bit-ai. The retries alone take 7 h 21 min 10 s. */
export const eightBit: Profile = {
  name: '8bit',
  description: '8bit-ai: hex HMAC of the raw body, with the id and environment of the event in the envelope.',
  headers: {
    eventId: 'X-8bit-Event-Id',
    timestamp: 'X-8bit-Timestamp',
    signature: 'X-8bit-Signature-256',
    previousSignature: 'X-8bit-Signature-256-Previous',
  },
  signature: { scheme: 'hex-body' },
  secretFormat: 'hex',
  secretOptional: false,
  envelope: [
    { field: 'id', from: 'id' },
    { field: 'type', from: 'type' },
    { field: 'created_at', from: 'timestamp' },
    { field: 'environment', from: 'environment' },
    { field: 'account_id', from: 'tenant' },
    { field: 'data', from: 'data' },
  ],
  timestampFormat: 'iso',
  schedule: { delaysSeconds, maxRetries: 6, jitter: 0 },
  exponentialSeconds: delaysSeconds,
  timeoutSeconds: 5,
  methods: ['POST'],
  events: [
    {
      type: 'conversation.created',
      description: 'Somebody opened a conversation with an agent.',
      example: { ...conversation, channel: 'web', user: { id: 'usr_311', locale: 'en-GB' } },
    },
    {
      type: 'conversation.updated',
      description: 'The tags, custom fields or status of a conversation are no longer what they were.',
      example: {
        ...conversation,
        changes: { status: { from: 'open', to: 'pending' }, tags: { from: [], to: ['billing'] } },
      },
    },
    {
      type: 'conversation.ended',
      description: 'A conversation is over: closed by hand, or its question answered.',
      example: { ...conversation, reason: 'resolved', message_count: 14, duration_seconds: 492 },
    },
    {
      type: 'conversation.rating',
      description: 'A user rated a conversation or left a comment on it.',
      example: { ...conversation, score: 5, scale: 5, comment: 'Quick and clear, thank you!' },
    },
    {
      type: 'conversation.escalated',
      description: 'A human has to take over from the agent.',
      example: { ...conversation, reason: 'user_request', queue: 'tier-2', assignee_id: null },
    },
    {
      type: 'message.received',
      description: 'A user wrote a message.',
      example: {
        ...conversation,
        message_id: 'msg_1a07',
        role: 'user',
        text: 'Where is my order?',
        attachments: [],
      },
    },
    {
      type: 'message.sent',
      description: 'The agent answered a user.',
      example: {
        ...conversation,
        message_id: 'msg_1a08',
        role: 'agent',
        text: 'It left our warehouse this morning.',
        usage: { input_tokens: 812, output_tokens: 46 },
      },
    },
    {
      type: 'message.failed',
      description: 'An error kept a message from being processed.',
      example: {
        ...conversation,
        message_id: 'msg_1a09',
        error: { code: 'model_timeout', message: 'The model gave no answer within 30 s', retryable: true },
      },
    },
    {
      type: 'agent.deployed',
      description: 'A version of an agent went live in production.',
      example: { ...agent, deployment_id: 'dep_55c2', deployed_by: 'usr_ops1' },
    },
    {
      type: 'agent.updated',
      description: 'Somebody changed how an agent is configured.',
      example: { ...agent, changed_fields: ['instructions', 'temperature'], updated_by: 'usr_ops1' },
    },
    {
      type: 'agent.undeployed',
      description: 'An agent no longer serves production.',
      example: { ...agent, deployment_id: 'dep_55c2', undeployed_by: 'usr_ops1', reason: 'replaced' },
    },
    {
      type: 'agent.error',
      description: 'An agent ran into a serious fault that somebody should look at.',
      example: {
        ...agent,
        severity: 'critical',
        error: { code: 'tool_unreachable', message: 'The order lookup refuses connections' },
      },
    },
    {
      type: 'session.started',
      description: "A user's session began.",
      example: { session_id: 'ses_90ab', user_id: 'usr_311', channel: 'web', country: 'GB' },
    },
    {
      type: 'session.ended',
      description: "A user's session was closed or timed out.",
      example: { session_id: 'ses_90ab', user_id: 'usr_311', reason: 'expired', duration_seconds: 1800 },
    },
    {
      type: 'account.usage_threshold',
      description: 'The account used up a set share of an allowance, 80 % of its credits for instance.',
      example: {
        metric: 'credits',
        threshold_percent: 80,
        used: 40_112,
        limit: 50_000,
        period_end: '2026-05-31',
      },
    },
    {
      type: 'account.billing_updated',
      description: 'The account has another plan or another means of payment.',
      example: {
        changed: 'plan',
        plan: { from: 'starter', to: 'growth' },
        effective_at: '2026-06-01T00:00:00Z',
      },
    },
  ],
};
