/** `posthorn` against a real Posthorn: what its commands do, print and end with. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN, runCli, startCli, type Ended } from '../support/cli.ts';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const tenant = newTenant();
const folder = mkdtempSync(join(tmpdir(), 'posthorn-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  POSTHORN_URL: rig.url,
  POSTHORN_API_KEY: API_KEY,
  POSTHORN_TENANT: tenant,
  ...more,
});
const cli = (...args: string[]): Promise<Ended> => runCli(args, { env: env() });

async function ok(...args: string[]): Promise<Json> {
  const { code, stdout, stderr } = await cli(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

let endpoint: Json;
beforeAll(async () => {
  endpoint = await ok(
    'endpoints',
    'create',
    `${rig.receiver.url}/cli`,
    '--events',
    'order.*',
    '--name',
    'CRM',
  );
});

describe('endpoints', () => {
  it('are made with their secret, shown, changed, listed, switched and deleted', async () => {
    expect(endpoint).toMatchObject({
      name: 'CRM',
      events: ['order.*'],
      secret: expect.stringMatching(/^whsec_/),
    });
    const made = await ok('endpoints', 'create', `${rig.receiver.url}/other`, '--set', 'events=["x.y"]');
    const id: string = made.id;
    expect(await ok('endpoints', 'update', id, '--timeout', '9', '--set', 'max_retries=2')).toMatchObject({
      timeout_seconds: 9,
      max_retries: 2,
    });
    expect((await ok('endpoints', 'disable', id)).enabled).toBe(false);
    const list = await cli('endpoints', 'list');
    expect(list.stdout).toMatch(new RegExp(`^${id} +disabled +standard +x\\.y`, 'm'));
    expect((await ok('endpoints', 'enable', id, '--held', 'discard')).enabled).toBe(true);
    const rotated = await ok('endpoints', 'rotate', id, '--grace', '0');
    expect(rotated.secret).not.toBe(made.secret);
    const shown = await cli('endpoints', 'show', id);
    expect(shown.stdout).toMatch(/^timeout_seconds +9$/m);
    expect(shown.stdout).not.toContain(rotated.secret);
    expect(await ok('endpoints', 'delete', id)).toEqual({ id, deleted: true });
    expect((await cli('endpoints', 'show', id)).code).toBe(3);
  });

  it('are listed as many as are asked for, and the rest from there', async () => {
    const other = newTenant();
    for (const n of [1, 2, 3]) await rig.endpoint(other, `/many-${n}`);
    const first = await ok('endpoints', 'list', '--tenant', other, '--limit', '2');
    expect(first.data).toHaveLength(2);
    const rest = await ok('endpoints', 'list', '--tenant', other, '--cursor', first.next_cursor);
    expect(rest).toMatchObject({ data: [{ url: expect.stringMatching(/many-3$/) }], next_cursor: null });
    const all = await cli('endpoints', 'list', '--tenant', other, '--all', '--json');
    expect(all.stdout.trim().split('\n')).toHaveLength(3);
  });

  it('are tested and tried: what they made of it is said, and the exit code too', async () => {
    const good = await cli('endpoints', 'test', endpoint.id, '--event-data', '{"n": 1}');
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Answered 200 .*accepts deliveries/),
    });
    rig.receiver.answerAt('/broken', 503);
    const bad = await cli('endpoints', 'try', `${rig.receiver.url}/broken`, '--json');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout).attempt.status_code).toBe(503);
  });
});

describe('publish', () => {
  const received = async (count: number): Promise<string[]> =>
    (await rig.calls('/publish', count)).map(({ body }) => JSON.stringify(JSON.parse(body).data));

  it('takes data from the argument, a file and stdin, digit by digit', async () => {
    await rig.endpoint(tenant, '/publish', { events: ['pub.one'] });
    const flags = ['publish', '--type', 'pub.one'];
    const one = await ok(...flags, '--id', 'cli-1', '--ordering-key', 'k', '{"n": 1}');
    expect(one).toMatchObject({ id: 'cli-1', delivery_ids: [expect.stringMatching(/^dlv_/)] });
    await ok(...flags, '--file', file('data.json', '{"n": 2}'));
    await runCli(flags, { env: env(), input: '{"n": 12345678901234567890}' });
    await received(3);
    const bodies = rig.receiver.at('/publish').map(({ body }) => body);
    for (const n of ['1', '2', '12345678901234567890']) expect(bodies.join()).toContain(`"n":${n}}`);
    // The same id publishes nothing more.
    expect(await ok(...flags, '--id', 'cli-1', '{"n": 4}')).toEqual(one);
  });

  it('takes many, a line each: what is wrong is said by its line and keeps none of the others out', async () => {
    await rig.endpoint(tenant, '/lines', { events: ['lines.*'] });
    const lines = [
      '{"type":"lines.a","data":{"n":1}}',
      '',
      'nonsense',
      '{"data":{"n":2}}',
      '{"type":"Not one","data":{}}',
    ];
    const args = ['publish', '--ndjson', '--type', 'lines.b'];
    const { code, stdout, stderr } = await runCli(args, { env: env(), input: lines.join('\n') });
    expect(code).toBe(1);
    expect(stdout).toBe('2 accepted, 2 refused; 2 deliveries on the way\n');
    expect(stderr).toMatch(/^line 3: is not a JSON object\nline 5: type: /);
    const asJson = await cli('publish', '--ndjson', file('e.ndjson', lines[0]!), '--json');
    expect(asJson.code).toBe(0);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ line: 1, delivery_ids: [expect.any(String)] });
    await rig.calls('/lines', 3);
  });

  it('takes for a line what ends with a line feed, whatever else stands in it', async () => {
    const text = 'one\u2028two\u2029three\u0085four';
    const lines = [`{"type":"feeds.b","data":{"text":"${text}"}}\r`, '', '{"type":"feeds.b","data":{"n":2}}'];
    const { stdout } = await runCli(['publish', '--ndjson'], { env: env(), input: lines.join('\n') });
    expect(stdout).toBe('2 accepted, 0 refused; 0 deliveries on the way\n');
  });

  it('sends more than fit one batch', async () => {
    const lines = Array.from({ length: 1_200 }, (_, n) => `{"type":"bulk.b","data":{"n":${n}}}`).join('\n');
    const { stdout } = await runCli(['publish', '--ndjson'], { env: env(), input: lines });
    expect(stdout).toBe('1200 accepted, 0 refused; 0 deliveries on the way\n');
  });
});

describe('deliveries', () => {
  it('are listed by what became of them, and shown with every attempt', async () => {
    rig.receiver.answerAt('/fails', 500);
    await rig.endpoint(tenant, '/fails', { events: ['fails.x'], max_retries: 0 });
    const event = await rig.publish(tenant, { type: 'fails.x', data: { text: '\u001b[2J' } });
    const id = event.delivery_ids[0]!;
    await rig.settled(tenant, id, 'failed');
    const list = await ok(
      'deliveries',
      'list',
      '--status',
      'failed',
      '--event-type',
      'fails.x',
      '--since',
      '1h',
    );
    expect(list.data.map((one: Json) => one.id)).toEqual([id]);
    const shown = await cli('deliveries', 'show', id);
    expect(shown.stdout).toMatch(/^status +failed$/m);
    expect(shown.stdout).toMatch(/^1 +\S+ +schedule +500 /m);
    expect(shown.stdout).not.toMatch(/\u001b/);
    rig.receiver.answerAt('/fails', 200);
    const retried = await cli('retry', id, 'dlv_that_is_not_there', '--wait');
    expect(retried).toMatchObject({ code: 3, stdout: `${id}: 200 delivered\n` });
    expect(retried.stderr).toContain('dlv_that_is_not_there: There is no delivery');
  });

  it('are followed: each is shown when it comes, and again when it goes on, until Ctrl-C', async () => {
    rig.receiver.answerAt('/tail', 500);
    const { id: to } = await rig.endpoint(tenant, '/tail', { events: ['tail.x'] });
    const before = (await rig.publish(tenant, { type: 'tail.x' })).delivery_ids[0]!;
    await rig.settled(tenant, before, 'retrying');
    const args = ['deliveries', 'tail', '-f', '-n', '0', '--endpoint', to, '--interval', '0.1', '--json'];
    const tail = startCli([...args], { env: env() });
    // Its first look is over when it has opened eyes for what comes: ask until it has shown one.
    const ids: string[] = [];
    await until(
      async () => {
        ids.push((await rig.publish(tenant, { type: 'tail.x' })).delivery_ids[0]!);
        return tail.records().length;
      },
      (count) => count > 0,
      300,
    );
    const last = ids.at(-1)!;
    await rig.settled(tenant, last, 'retrying');
    await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${last}/cancel`);
    const statusesOf = (id: string) => tail.records().flatMap((one) => (one.id === id ? [one.status] : []));
    await until(
      () => statusesOf(last),
      (statuses) => statuses.at(-1) === 'cancelled',
    );
    expect(statusesOf(last).length).toBeLessThanOrEqual(3);
    expect(statusesOf(before)).toEqual([]);
    expect((await tail.end('SIGINT')).code).toBe(0);
  });
});

describe.concurrent('replay', () => {
  it('is counted, shown until it ends, and left alone or ended by other commands', async () => {
    const { id: to } = await rig.endpoint(tenant, '/again', { events: ['again.x'] });
    for (const n of [1, 2, 3]) await rig.publish(tenant, { type: 'again.x', data: { n } });
    await rig.calls('/again', 3);
    await until(
      () => ok('deliveries', 'list', '--endpoint', to, '--status', 'succeeded'),
      ({ data }) => data.length === 3,
    );
    const replay = ['replay', to, '--since', '1h', '--kind', 'all'];
    expect(await ok(...replay, '--dry-run')).toMatchObject({ total: 3, dry_run: true });
    const done = await cli(...replay);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^progress +3 of 3: 3 succeeded, 0 failed$/m);
    expect(rig.receiver.at('/again')).toHaveLength(6);

    const slow = startCli([...replay, '--per-second', '0.02', '--json'], { env: env() });
    await until(slow.records, (records) => records.some(({ total }) => total === 3));
    const left = await slow.end('SIGINT');
    expect(left.code).toBe(130);
    expect(left.stderr).toMatch(/goes on: posthorn replays watch rpl_/);
    const id = String(JSON.parse(left.stdout.split('\n')[0]!).id);
    expect((await ok('replays', 'pause', id)).status).toBe('paused');
    expect((await ok('replays', 'cancel', id)).status).toBe('cancelled');
    const watched = await cli('replays', 'watch', id);
    expect(watched.code).toBe(1);
  });
});

describe.concurrent('what belongs to no tenant', () => {
  it('keys are made, listed without themselves, given another name and end, and revoked', async () => {
    const made = await ok(
      'keys',
      'create',
      'a backend',
      '--scopes',
      'publish',
      '--for-tenant',
      tenant,
      '--expires',
      '1d',
    );
    expect(made).toMatchObject({
      scopes: ['publish'],
      tenant_id: tenant,
      key: expect.stringMatching(/^ph_/),
    });
    const withIt = (...args: string[]) =>
      runCli([...args, '--key', made.key], { env: env({ POSTHORN_API_KEY: '' }) });
    expect((await withIt('publish', '--type', 'key.x', '{}')).code).toBe(0);
    const refused = await withIt('endpoints', 'list');
    expect(refused.code).toBe(4);
    expect(refused.stdout + refused.stderr).not.toContain(made.key);
    expect((await cli('keys', 'list', '--all')).stdout).toMatch(
      new RegExp(`${made.id} +ok +${made.prefix} +publish`),
    );
    expect(await ok('keys', 'update', made.id, '--name', 'renamed', '--expires', 'never')).toMatchObject({
      ...{ id: made.id, name: 'renamed', expires_at: null },
    });
    expect((await cli('keys', 'update', made.id, '--expires', '1h')).stdout).toMatch(/expires +\d{4}-/);
    expect((await cli('keys', 'update', made.id)).code).toBe(2);
    await ok('keys', 'revoke', made.id);
    await until(
      () => withIt('publish', '--type', 'key.x', '{}'),
      ({ code }) => code === 4,
    );
  });

  it('event types are put, imported, shown and deleted', async () => {
    const schema = file('schema.json', '{"type": "object"}');
    await ok('event-types', 'put', 'cli.made', '--group', 'cli', '--schema', `@${schema}`, '--validate');
    const body = { content: { 'application/json': { schema: { type: 'object' } } } };
    const document = file(
      'openapi.json',
      JSON.stringify({
        ...{ openapi: '3.1.0', info: { title: 'x', version: '1' } },
        webhooks: { 'cli.imported': { post: { tags: ['cli'], requestBody: body } } },
      }),
    );
    const planned = await cli('event-types', 'import', document, '--dry-run');
    expect(planned.stdout).toBe(
      'created cli.imported\n1 created, 0 updated, 0 unchanged (nothing was written)\n',
    );
    await ok('event-types', 'import', document);
    const list = await ok('event-types', 'list', '--group', 'cli');
    expect(list.data.map((one: Json) => one.name)).toEqual(['cli.imported', 'cli.made']);
    for (const name of ['cli.imported', 'cli.made']) await ok('event-types', 'delete', name);
    expect((await cli('event-types', 'show', 'cli.made')).code).toBe(3);
  });
});

describe.concurrent('what goes wrong', () => {
  it('is said on stderr, ends with its code, and leaves stdout to answers', async () => {
    const cases: [args: string[], code: number, more?: NodeJS.ProcessEnv][] = [
      [['publish', '--type', 'Not one', '{}'], 1],
      [['publish', '--type', 'a.b', '{'], 2],
      [['publish', '{}'], 2],
      [['endpoints', 'list'], 2, { POSTHORN_TENANT: '' }],
      [['endpoints', 'list', '--nonsense'], 2],
      [['endpoints'], 2],
      [['endpoints', 'list'], 2, { POSTHORN_API_KEY: '', POSTHORN_DATA_DIR: folder }],
      [['endpoints', 'list'], 4, { POSTHORN_API_KEY: 'a-key-that-is-not-one' }],
      [['keys', 'list'], 5, { POSTHORN_URL: 'http://127.0.0.1:1' }],
    ];
    // All at once: the one that waits for a server that is not there would hold up the others.
    const ended = await Promise.all(cases.map(([args, , more]) => runCli(args, { env: env(more) })));
    ended.forEach(({ code, stdout, stderr }, n) => {
      expect(code, `${cases[n]![0].join(' ')}: ${stderr}`).toBe(cases[n]![1]);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/\S/);
      expect(stderr).not.toContain('at file:');
      expect(stderr).not.toContain('a-key-that-is-not-one');
    });
  });

  it('is not help that was asked for', async () => {
    const [help, ofCommand, version] = await Promise.all([cli('--help'), cli('help', 'publish'), cli('-V')]);
    expect([help.code, ofCommand.code, version.code]).toEqual([0, 0, 0]);
    expect(ofCommand.stdout).toContain('--ordering-key');
  });

  it('is JSON where that is asked for', async () => {
    const { code, stderr } = await cli('publish', '--type', 'Not one', '{}', '--json');
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ exit_code: code, problem: { status: 422, code: 'invalid_request' } });
  });
});

it('bash completes by the script that the command prints', () => {
  const script = `
posthorn() { '${process.execPath}' '${MAIN}' "$@"; }
eval "$(posthorn completion bash)"
COMP_WORDS=(posthorn replay ep_1 --kind ''); COMP_CWORD=4; _posthorn; echo "\${COMPREPLY[@]}"
COMP_WORDS=(posthorn endpoints 'cr'); COMP_CWORD=2; _posthorn; echo "\${COMPREPLY[@]}"
complete -p posthorn`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stdout).toBe('failed all missing\ncreate\ncomplete -o default -F _posthorn posthorn\n');
});
