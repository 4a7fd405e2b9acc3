/** What comes between a slot and the request: the fence, and what may have happened while it waited. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAttemptMaker, type AttemptRequest, type Stoppable } from '../../src/dispatch/make-attempt.ts';
import type { Job } from '../../src/dispatch/job.ts';
import type { Endpoint, HttpResult } from '../../src/domain.ts';
import { NotBegunError, type SendRequest } from '../../src/http/exchange.ts';
import { NO_TIMING } from '../../src/http/timing.ts';
import { loadProfiles } from '../../src/profiles/index.ts';

const profiles = loadProfiles(null);
const slot = { leave: vi.fn() };
const event = {
  id: 'evt',
  tenantId: 't',
  type: 'a.b',
  environment: 'production',
  timestamp: new Date(),
  data: '{}',
};
const request = {
  job: { deliveryId: 'dlv', endpointId: 'ep', event, number: 1, scheduledCount: 0, trigger: 'schedule' },
  trigger: 'schedule',
  chooseWorkflow: () => null,
} as unknown as AttemptRequest & { job: Job };
const answer: HttpResult = {
  ...{ statusCode: 200, error: null, remark: null, timedOut: false, durationMs: 1, retryAfterSeconds: null },
  ...{ timing: NO_TIMING, responseHeaders: {}, responseBody: '', responseBodyBytes: 0 },
};

let endpoint: Endpoint | null;
let isCertain: boolean;
let becomeCertain: () => void;
let isGone: boolean;
let isTooEarly: boolean;
let isSlow: boolean;
let missed: boolean[];
const send = vi.fn(async () => answer);
const enter = vi.fn(async () => (isTooEarly ? { comeAgainAtMs: 5 } : slot));
const note = vi.fn();
const record = vi.fn(async () => true);
const state = (): Stoppable => ({ stop: null, begun: false, sent: false });

const make = createAttemptMaker({
  bodies: { of: () => null },
  endpoints: { peek: () => endpoint, get: async () => endpoint },
  profiles,
  sender: { send },
  rates: {
    enter,
    comeAgain: () => (isSlow ? { comeAgainAtMs: 7 } : null),
    isSlow: () => false,
    hasMissedTurn: () => missed.shift() ?? false,
    note,
  },
  recorder: { record, room: () => {} },
  gone: { has: () => isGone, disabled: async () => {}, note: async () => {} },
  fence: {
    isCertain: () => isCertain,
    certain: () => new Promise<void>((resolve) => (becomeCertain = () => resolve(void (isCertain = true)))),
  },
  onAttempt: () => {},
} as unknown as Parameters<typeof createAttemptMaker>[0]);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => {
  vi.clearAllMocks();
  endpoint = {
    ca: null,
    clientCertificate: null,
    ...{
      id: 'ep',
      tenantId: 't',
      url: 'https://x.test/',
      method: 'POST',
      profile: 'standard',
      enabled: true,
    },
    ...{
      secret: 'whsec_c2VjcmV0',
      previousSecrets: [],
      headers: {},
      auth: null,
      allowedIps: [],
      verifyTls: true,
    },
    ...{ unreadable: null, timeoutSeconds: 5, schedule: { delaysSeconds: [1], maxRetries: 1, jitter: 0 } },
  } as unknown as Endpoint;
  isCertain = true;
  isGone = false;
  isTooEarly = false;
  isSlow = false;
  missed = [];
});

it('sends and records, and gives its slot back', async () => {
  const of = state();
  expect(await make(request, of, null)).toMatchObject({ kind: 'attempt', succeeded: true, recorded: true });
  expect(of.begun).toBe(true);
  expect([send.mock.calls.length, record.mock.calls.length]).toEqual([1, 1]);
  expect(slot.leave).toHaveBeenCalled();
});

it('sends nothing while this process may have been taken for dead', async () => {
  isCertain = false;
  const of = state();
  const made = make(request, of, null);
  await turn();
  expect([send.mock.calls.length, of.begun]).toEqual([0, false]);
  becomeCertain();
  expect(await made).toMatchObject({ kind: 'attempt' });
  expect(send).toHaveBeenCalledTimes(1);
});

it.each([
  ['disowned, since others took it', (of: Stoppable) => (of.stop = 'foreign'), 'foreign'],
  ['cancelled', (of: Stoppable) => (of.stop = 'cancelled'), 'cancelled'],
  ['its endpoint was disabled', () => (endpoint = { ...endpoint!, enabled: false }), 'held'],
  ['its endpoint was deleted', () => (endpoint = null), 'cancelled'],
  ['its endpoint answered 410', () => (isGone = true), 'held'],
])('sends nothing when meanwhile it was %s', async (_, happen, kind) => {
  isCertain = false;
  const of = state();
  const made = make(request, of, null);
  await turn();
  happen(of);
  becomeCertain();
  expect(await made).toEqual({ kind });
  expect([send.mock.calls.length, record.mock.calls.length, of.begun]).toEqual([0, 0, false]);
  expect(slot.leave).toHaveBeenCalled();
});

describe('while its connection opens', () => {
  /** As the sender does: it asks when the connection is open, and sends nothing where it may not. */
  let open: () => void;
  beforeEach(() => {
    const opened = new Promise<void>((resolve) => (open = resolve));
    send.mockImplementation((async ({ mayBegin }: SendRequest) => {
      await opened;
      if (!mayBegin!()) throw new NotBegunError('not any more');
      return answer;
    }) as unknown as typeof send);
  });
  afterEach(() => void send.mockImplementation(async () => answer));

  it.each(['foreign', 'cancelled'] as const)('it became %s: nothing is sent', async (kind) => {
    const of = state();
    const made = make(request, of, null);
    await turn();
    of.stop = kind;
    open();
    expect(await made).toEqual({ kind });
    expect([of.sent, of.begun, record.mock.calls.length]).toEqual([false, false, 0]);
    expect(slot.leave).toHaveBeenCalled();
  });

  it('this process may have been taken for dead: it asks, and goes on from the beginning', async () => {
    const of = state();
    const made = make(request, of, null);
    await turn();
    isCertain = false;
    open();
    await turn();
    expect([of.sent, record.mock.calls.length]).toEqual([false, 0]);
    becomeCertain();
    expect(await made).toMatchObject({ kind: 'attempt', succeeded: true });
    expect([of.sent, enter.mock.calls.length, send.mock.calls.length]).toEqual([true, 2, 2]);
  });
});

it('goes to the endpoint as it is when the wait is over', async () => {
  isCertain = false;
  const made = make(request, state(), null);
  await turn();
  endpoint = { ...endpoint!, url: 'https://new.test/' };
  becomeCertain();
  await made;
  expect(send).toHaveBeenCalledWith(expect.objectContaining({ url: 'https://new.test/' }));
});

it('gives its slot back also when we fail', async () => {
  send.mockRejectedValueOnce(new Error('a bug'));
  await expect(make(request, state(), null)).rejects.toThrow('a bug');
  expect(slot.leave).toHaveBeenCalled();
});

it("is put off, and holds nothing, when its endpoint's turn has not come", async () => {
  isTooEarly = true;
  const of = state();
  expect(await make(request, of, null)).toEqual({ kind: 'deferred', untilMs: 5 });
  expect([send.mock.calls.length, of.begun]).toEqual([0, false]);
});

it('is put off when its endpoint asked to be left alone while it waited', async () => {
  isCertain = false;
  const made = make(request, state(), null);
  await turn();
  isSlow = true;
  becomeCertain();
  expect(await made).toEqual({ kind: 'deferred', untilMs: 7 });
  expect(send).not.toHaveBeenCalled();
  expect(slot.leave).toHaveBeenCalled();
});

it('tells what came of it before its slot is given to another', async () => {
  note.mockImplementationOnce(() => expect(slot.leave).not.toHaveBeenCalled());
  await make(request, state(), null);
  expect(note).toHaveBeenCalledTimes(1);
});

it('enters again when something held it up between its slot and its request', async () => {
  missed = [true, false];
  enter.mockClear();
  expect(await make(request, state(), null)).toMatchObject({ kind: 'attempt' });
  expect([enter.mock.calls.length, send.mock.calls.length]).toEqual([2, 1]);
});
