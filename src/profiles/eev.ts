import type { Profile } from './profile.ts';

const delaysSeconds = [10, 60, 300, 900, 3600];

const conversation = { conversation_id: 'cnv_60317', customer_id: 'cst_88', channel: 'chat' };
const ticket = { ticket_id: 'TCK-1042', subject: 'Cannot export the monthly report', priority: 'high' };
const agent = { agent_id: 'ai_frontdesk', conversation_id: 'cnv_60317' };

/** eeV.ai. Its documents name neither header nor schedule: the headers are Standard Webhooks', the delays 8bit's first five. */
export const eev: Profile = {
  name: 'eev',
  description: 'eeV.ai: Standard Webhooks headers, the secret optional, POST or PUT.',
  headers: { eventId: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' },
  signature: { scheme: 'standard' },
  secretFormat: 'whsec',
  secretOptional: true,
  envelope: [
    { field: 'id', from: 'id' },
    { field: 'event', from: 'type' },
    { field: 'timestamp', from: 'timestamp' },
    { field: 'data', from: 'data' },
  ],
  timestampFormat: 'iso',
  schedule: { delaysSeconds, maxRetries: delaysSeconds.length, jitter: 0 },
  exponentialSeconds: delaysSeconds,
  timeoutSeconds: 30,
  methods: ['POST', 'PUT'],
  events: [
    {
      type: 'conversation.created',
      description: 'A conversation began.',
      example: { ...conversation, status: 'open', language: 'en' },
    },
    {
      type: 'conversation.updated',
      description: 'A conversation has another status.',
      example: { ...conversation, status: 'waiting', previous_status: 'open' },
    },
    {
      type: 'conversation.closed',
      description: 'A conversation came to its end.',
      example: { ...conversation, status: 'closed', duration_seconds: 734, message_count: 11 },
    },
    {
      type: 'conversation.escalated',
      description: 'A human colleague now has to deal with a conversation.',
      example: { ...conversation, reason: 'negative_sentiment', team: 'second-line' },
    },
    {
      type: 'conversation.transferred',
      description: 'A conversation went from one agent to another.',
      example: { ...conversation, from_agent_id: 'ai_frontdesk', to_agent_id: 'ai_billing' },
    },
    {
      type: 'ticket.created',
      description: 'There is a new support ticket.',
      example: { ...ticket, status: 'new', requester_id: 'cst_88' },
    },
    {
      type: 'ticket.updated',
      description: 'Somebody changed what a ticket says.',
      example: { ...ticket, changes: { priority: { from: 'normal', to: 'high' } } },
    },
    {
      type: 'ticket.resolved',
      description: 'A ticket counts as solved.',
      example: { ...ticket, status: 'resolved', resolution: 'fixed', resolved_by: 'usr_lena' },
    },
    {
      type: 'ticket.reopened',
      description: 'A ticket that counted as solved needs work again.',
      example: { ...ticket, status: 'open', reason: 'customer_reply', times_reopened: 1 },
    },
    {
      type: 'ticket.assigned',
      description: 'An agent was put in charge of a ticket.',
      example: { ...ticket, assignee_id: 'usr_lena', previous_assignee_id: null },
    },
    {
      type: 'agent.response',
      description: 'The AI agent gave an answer.',
      example: { ...agent, message_id: 'ms_5521', text: 'I have sent you a new link.', confidence: 0.93 },
    },
    {
      type: 'agent.escalation',
      description: 'The agent itself passed a conversation on to people.',
      example: { ...agent, reason: 'out_of_scope', confidence: 0.31 },
    },
    {
      type: 'agent.error',
      description: 'Something went wrong inside an agent.',
      example: {
        ...agent,
        error: { code: 'knowledge_base_unavailable', message: 'The search index did not answer' },
      },
    },
    {
      type: 'agent.training',
      description: 'An agent has finished its training.',
      example: { agent_id: 'ai_frontdesk', run_id: 'trn_19', documents: 412, duration_seconds: 1260 },
    },
    {
      type: 'system.maintenance',
      description: 'The platform switched to maintenance mode.',
      example: { active: true, until: '2026-05-18T03:00:00Z', affected: ['reports'] },
    },
    {
      type: 'system.error',
      description: 'The platform itself had a fault.',
      example: {
        component: 'search',
        severity: 'major',
        message: 'Results may be incomplete',
        incident_id: 'inc_77',
      },
    },
    {
      type: 'system.backup',
      description: 'A backup run is complete.',
      example: {
        backup_id: 'bkp_20260517',
        status: 'completed',
        size_bytes: 73_400_320,
        duration_seconds: 95,
      },
    },
    {
      type: 'system.update',
      description: 'A new version of the platform is in service.',
      example: { version: '3.8.1', previous_version: '3.8.0', notes_url: 'https://status.example.com/3.8.1' },
    },
  ],
};
