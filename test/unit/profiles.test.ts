import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventTypeProblem } from '../../src/events/pattern.ts';
import { builtInProfiles } from '../../src/profiles/built-in.ts';
import { loadProfiles } from '../../src/profiles/index.ts';
import { readBody } from '../../src/profiles/read.ts';
import { renderBody } from '../../src/profiles/render.ts';
import { profileSchema } from '../../src/profiles/schema.ts';
import { anEvent, anyEvent, aRequest, ATTEMPT_TIME, builtIn } from './profiles-fixtures.ts';

const names = builtInProfiles.map((profile) => profile.name);

describe('bodies', () => {
  const data = '{"conversation_id":"conv_1","note":"naïve ✓"}';

  it.each([
    ['standard', `{"type":"conversation.created","timestamp":"2026-05-17T12:34:56.789Z","data":${data}}`],
    [
      '8bit',
      '{"id":"evt_018f7d3c","type":"conversation.created","created_at":"2026-05-17T12:34:56.789Z",' +
        `"environment":"production","account_id":"acct_42","data":${data}}`,
    ],
    [
      'agentbot',
      `{"event":"conversation.created","timestamp":"2026-05-17T12:34:56Z","site_id":"acct_42","data":${data}}`,
    ],
    [
      'eev',
      `{"id":"evt_018f7d3c","event":"conversation.created","timestamp":"2026-05-17T12:34:56.789Z","data":${data}}`,
    ],
  ])('%s', (name, expected) => {
    expect(renderBody(builtIn(name), anEvent())).toBe(expected);
  });

  it.each(names)('%s: parsed and written again, the body is the same text, and nothing is lost', (name) => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const body = renderBody(builtIn(name), event);
        expect(JSON.stringify(JSON.parse(body))).toBe(body);
        expect(readBody(builtIn(name), body).type).toBe(event.type);
        expect(JSON.stringify(readBody(builtIn(name), body).data)).toBe(event.data);
      }),
    );
  });
});

describe('headers', () => {
  const shape = (name: string) =>
    Object.fromEntries(
      Object.entries(aRequest(builtIn(name)).headers).map(([key, value]) => [
        key,
        value.replace(/[0-9a-f]{64}/, '<hex>').replace(/[\w+/]{43}=/, '<base64>'),
      ]),
    );

  it.each([
    [
      'standard',
      { 'webhook-id': 'evt_018f7d3c', 'webhook-timestamp': '1779021600', 'webhook-signature': 'v1,<base64>' },
    ],
    [
      '8bit',
      {
        'X-8bit-Event-Id': 'evt_018f7d3c',
        'X-8bit-Timestamp': '1779021600',
        'X-8bit-Signature-256': '<hex>',
      },
    ],
    [
      'agentbot',
      {
        'X-Agentbot-Event': 'conversation.created',
        'X-Agentbot-Delivery-Id': 'dlv_77',
        'X-Agentbot-Signature': 't=1779021600,v1=<hex>',
      },
    ],
    [
      'eev',
      { 'webhook-id': 'evt_018f7d3c', 'webhook-timestamp': '1779021600', 'webhook-signature': 'v1,<base64>' },
    ],
  ])('%s', (name, expected) => {
    expect(ATTEMPT_TIME.getTime()).toBe(1779021600250);
    expect(shape(name)).toEqual({ 'content-type': 'application/json', ...expected });
  });
});

describe('built-in profiles', () => {
  it('are four, in this order, and an unknown name is none', () => {
    expect(loadProfiles().names()).toEqual(['standard', '8bit', 'agentbot', 'eev']);
    expect(loadProfiles().get('toString')).toBeUndefined();
  });

  it.each(builtInProfiles)('$name passes the check that a file has to pass', (profile) => {
    expect(profileSchema.parse(JSON.parse(JSON.stringify(profile)))).toEqual(profile);
  });

  it.each([
    ['standard', 15, ['POST'], 'whsec', false],
    ['8bit', 5, ['POST'], 'hex', false],
    ['agentbot', 5, ['POST'], 'hex', false],
    ['eev', 30, ['POST', 'PUT'], 'whsec', true],
  ])('%s: timeout %i s, %j, %s, secret optional: %s', (name, timeout, methods, format, optional) => {
    const profile = builtIn(name);
    expect(profile.timeoutSeconds).toBe(timeout);
    expect(profile.methods).toEqual(methods);
    expect(profile.secretFormat).toBe(format);
    expect(profile.secretOptional).toBe(optional);
  });
});

describe('catalogues', () => {
  const conversation = (...words: string[]) => words.map((word) => `conversation.${word}`);

  it.each([
    [
      '8bit',
      16,
      [
        ...conversation('created', 'updated', 'ended', 'rating', 'escalated'),
        ...['message.received', 'message.sent', 'message.failed'],
        ...['agent.deployed', 'agent.updated', 'agent.undeployed', 'agent.error'],
        ...['session.started', 'session.ended', 'account.usage_threshold', 'account.billing_updated'],
      ],
    ],
    [
      'agentbot',
      6,
      [
        ...conversation('created', 'closed', 'needs_human'),
        ...['message.created', 'ticket.created', 'ticket.updated'],
      ],
    ],
    [
      'eev',
      18,
      [
        ...conversation('created', 'updated', 'closed', 'escalated', 'transferred'),
        ...['ticket.created', 'ticket.updated', 'ticket.resolved', 'ticket.reopened', 'ticket.assigned'],
        ...['agent.response', 'agent.escalation', 'agent.error', 'agent.training'],
        ...['system.maintenance', 'system.error', 'system.backup', 'system.update'],
      ],
    ],
  ])('%s has its %i types', (name, size, expected) => {
    const types = builtIn(name).events.map((entry) => entry.type);
    expect(types).toHaveLength(size);
    expect(new Set(types)).toEqual(new Set(expected));
  });

  it.each(builtInProfiles.flatMap(({ name, events }) => events.map((entry) => ({ name, ...entry }))))(
    '$name: $type can be published, is described and has an example',
    ({ type, description, example }) => {
      expect(eventTypeProblem(type)).toBeNull();
      expect(description).toMatch(/^[A-Z].{15,}\.$/);
      expect(Object.keys(example).length).toBeGreaterThan(1);
      expect(JSON.parse(JSON.stringify(example))).toEqual(example);
    },
  );
});

describe("a deployment's own profiles", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'profiles-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const acme = {
    name: 'acme',
    description: 'Acme: hex HMAC of the body after "sha256=".',
    headers: {
      signature: 'X-Acme-Signature',
      previousSignature: 'X-Acme-Signature-Old',
      eventType: 'X-Acme-Event',
    },
    signature: { scheme: 'hex-body', prefix: 'sha256=' },
    envelope: [
      { field: 'sent', from: 'timestamp' },
      { field: 'payload', from: 'data' },
    ],
    timestampFormat: 'unix-seconds',
    schedule: { delaysSeconds: [1, 10], maxRetries: 2 },
    timeoutSeconds: 10,
  };

  function load(content: unknown) {
    const file = join(folder, 'profiles.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return loadProfiles(file);
  }

  it('are there beside the built-in ones, with defaults filled in', () => {
    const profiles = load([acme]);
    expect(profiles.names()).toEqual([...names, 'acme']);
    expect(profiles.get('acme')).toMatchObject({
      secretFormat: 'hex',
      secretOptional: false,
      methods: ['POST'],
      schedule: { delaysSeconds: [1, 10], maxRetries: 2, jitter: 0 },
      exponentialSeconds: [1, 10],
      events: [],
    });
  });

  it('say what is sent', () => {
    const profile = load([acme]).get('acme');
    if (!profile) throw new Error('not loaded');
    const { body, headers } = aRequest(profile);
    expect(body).toBe('{"sent":1779021296,"payload":{"conversation_id":"conv_1","note":"naïve ✓"}}');
    expect(headers).toEqual({
      'content-type': 'application/json',
      'X-Acme-Event': 'conversation.created',
      'X-Acme-Signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    });
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'profiles.json is not JSON'],
    ['no array', {}, 'the file: Invalid input: expected array'],
    ['a misspelt key', [{ ...acme, timeout: 5 }], '[0]: Unrecognized key: "timeout"'],
    ['a missing key', [{ ...acme, timeoutSeconds: undefined }], '[0].timeoutSeconds: '],
    [
      'a built-in name',
      [{ ...acme, name: '8bit' }],
      '[0].name: the profile "8bit" is built in and cannot be redefined',
    ],
    ['the same name twice', [acme, acme], '[1].name: the profile "acme" is defined twice'],
    ['a bad name', [{ ...acme, name: 'Acme Inc' }], '[0].name: must be lower-case'],
    [
      'a bad header',
      [{ ...acme, headers: { signature: 'X Sig' } }],
      '[0].headers.signature: is not a header name',
    ],
    [
      'a reserved header',
      [{ ...acme, headers: { signature: 'Content-Length' } }],
      '[0].headers.signature: is a header that Posthorn or HTTP itself sets',
    ],
    [
      'a header used twice',
      [{ ...acme, headers: { signature: 'X-A', eventType: 'x-a' } }],
      '[0].headers: uses the same header name twice',
    ],
    [
      'a scheme without its headers',
      [{ ...acme, headers: { signature: 'X-A', eventId: 'X-B' }, signature: { scheme: 'standard' } }],
      '[0].headers.timestamp: is required',
    ],
    [
      'a header that is never sent',
      [{ ...acme, signature: { scheme: 'timestamped-hex' } }],
      '[0].headers.previousSignature: is never sent',
    ],
    ['an unknown scheme', [{ ...acme, signature: { scheme: 'md5' } }], '[0].signature.scheme: '],
    [
      'no data',
      [{ ...acme, envelope: [{ field: 'a', from: 'id' }] }],
      '[0].envelope: must have "data" exactly once',
    ],
    [
      'a field twice',
      [
        {
          ...acme,
          envelope: [
            { field: 'a', from: 'id' },
            { field: 'a', from: 'data' },
          ],
        },
      ],
      '[0].envelope: has the same field name twice',
    ],
    [
      'a number as field',
      [{ ...acme, envelope: [{ field: '1', from: 'data' }] }],
      '[0].envelope[0].field: must begin',
    ],
    ['no method', [{ ...acme, methods: [] }], '[0].methods'],
    [
      'no delay',
      [{ ...acme, schedule: { delaysSeconds: [], maxRetries: 1 } }],
      '[0].schedule.delaysSeconds: ',
    ],
    [
      'a pattern in the catalogue',
      [{ ...acme, events: [{ type: 'a.*', description: 'A.', example: {} }] }],
      '[0].events[0].type: "a.*" is a pattern',
    ],
  ])('are refused with file and place: %s', (_what, content, message) => {
    expect(() => load(content)).toThrow(message);
    expect(() => load(content)).toThrow(join(folder, 'profiles.json'));
  });

  it('are refused when the file is not there', () => {
    expect(() => loadProfiles(join(folder, 'none.json'))).toThrow(
      /^Profiles file .*none\.json cannot be read: ENOENT/,
    );
  });
});
