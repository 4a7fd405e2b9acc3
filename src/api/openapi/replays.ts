import { z } from 'zod';
import { REPLAY_KINDS, REPLAY_STATUSES } from '../../store/replays.ts';
import { createSchema, listSchema } from '../routes/replays.ts';
import { deliveryStatus } from './answers.ts';
import { answer, at, count, pageOf, request, call, type Operation } from './operation.ts';

const all = '/v1/tenants/{tenant}/replays';
const tag = 'Replays';

const filter = {
  endpoint_id: z.string(),
  kind: z.enum(REPLAY_KINDS),
  since: at,
  until: at,
  statuses: z.array(deliveryStatus),
  event_types: z.array(z.string()).nullable(),
  per_second: z.number().nullable(),
};

const replay = answer(
  'Replay',
  z.object({
    id: z.string(),
    ...filter,
    status: z.enum(REPLAY_STATUSES),
    reason: z.string().nullable().meta({ description: 'Why it makes nothing now, or was cancelled.' }),
    total: count.nullable().meta({ description: 'null: not counted yet.' }),
    done: count,
    succeeded: count,
    failed: count,
    cancelled: count,
    open: count,
    skipped: count.meta({ description: 'Events whose data has been dropped because of their age.' }),
    workflow_id: z.string(),
    created_at: at,
    completed_at: at.nullable(),
  }),
);
const dryRun = answer(
  'ReplayDryRun',
  z.object({ dry_run: z.literal(true), ...filter, total: count, skipped: count, is_complete: z.boolean() }),
);

const order = (name: 'pause' | 'resume' | 'cancel', description: string): Operation => ({
  ...call(`${name}Replay`, 'POST', `${all}/{id}/${name}`, tag),
  summary: `${name[0]!.toUpperCase()}${name.slice(1)} a replay`,
  description,
  answers: { 202: { description: 'The replay.', content: replay } },
  problems: ['replay_ended'],
});

export const replayOperations: Operation[] = [
  {
    ...call('createReplay', 'POST', all, tag),
    summary: 'Send again',
    repeatable: true,
    body: request('ReplayInput', createSchema),
    example: { endpoint_id: 'ep_…', kind: 'all', since: '2026-01-01', per_second: 20 },
    answers: {
      200: { description: 'With `dry_run`: what it would be.', content: dryRun },
      202: { description: 'The replay, which has begun.', content: replay },
    },
    problems: ['replay_running', 'endpoint_disabled', 'endpoint_deleted'],
  },
  {
    ...call('listReplays', 'GET', all, tag),
    summary: 'List replays',
    description: 'Newest first.',
    query: listSchema,
    answers: { 200: { description: 'A page of replays.', content: pageOf('ReplayPage', replay) } },
  },
  {
    ...call('getReplay', 'GET', `${all}/{id}`, tag),
    summary: 'A replay',
    answers: { 200: { description: 'The replay.', content: replay } },
  },
  order('pause', 'It makes no more until it is resumed.'),
  order('resume', 'It goes on.'),
  order('cancel', 'What it made and has not ended is cancelled, too.'),
];
