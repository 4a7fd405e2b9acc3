/** What a newcomer does and sees: the real program, its own Postgres and Temporal, its printed commands, its ends. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRunning } from '../../src/embedded/processes.ts';
import { cleanUp, freePort, newDataDir, npmStart, processesOn, type Run } from '../support/npm-start.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const TENANT = '/v1/tenants/acme';
const dataDir = newDataDir();
let port: number;
let posthorn: Run;
let receiver: TestReceiver;

beforeAll(async () => {
  [port, receiver] = await Promise.all([freePort(), startTestReceiver()]);
  posthorn = npmStart(dataDir, port);
  console.log(`first start: ${Math.round(await posthorn.ready())} ms`);
});
afterAll(async () => {
  await cleanUp();
  await receiver.stop();
});

async function startAgain(): Promise<void> {
  posthorn = npmStart(dataDir, port);
  console.log(`later start: ${Math.round(await posthorn.ready())} ms`);
}

async function makeEndpoint(path: string, settings: object): Promise<void> {
  const body = { url: receiver.url + path, ...settings };
  expect((await posthorn.call('POST', `${TENANT}/endpoints`, body)).status).toBe(201);
}

async function publish(type: string): Promise<string> {
  const answer = await posthorn.call('POST', `${TENANT}/events`, { type, data: { hello: 'world' } });
  expect(answer.status).toBe(202);
  return answer.body.delivery_ids[0];
}

const settled = (id: string, status: string, attempts: number) =>
  until(
    () => posthorn.call('GET', `${TENANT}/deliveries/${id}`),
    ({ body }) => body.status === status && body.attempts.length === attempts,
  );

describe('the printed commands', () => {
  it('work as printed, and show a verified delivery', async () => {
    const commands = posthorn.commands();
    expect(commands).toHaveLength(4);
    const { stdout } = await promisify(execFile)('bash', ['-e', '-c', commands.join('\necho\n')]);
    const [endpoint, event, deliveries] = stdout
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(endpoint).toMatchObject({ secret: expect.stringMatching(/^whsec_/) as string });
    expect(event).toMatchObject({ delivery_ids: [expect.any(String)] });
    expect(deliveries).toMatchObject({ data: [{ event_type: 'conversation.created' }] });
    await until(
      () => posthorn.output(),
      (output) =>
        /received POST \/hooks · conversation\.created .* ✓ signature verified .*→ 200/.test(output),
    );
    const [id] = event!.delivery_ids as string[];
    await settled(id!, 'succeeded', 1);
  });
});

describe('a delivery', () => {
  it('arrives within moments of its POST', async () => {
    await makeEndpoint('/quick', { events: ['quick.*'] });
    const latencies: number[] = [];
    for (let n = 1; n <= 20; n += 1) {
      const sentAtMs = Date.now();
      await publish('quick.made');
      const received = await until(
        () => receiver.at('/quick'),
        (all) => all.length === n,
      );
      latencies.push(received[n - 1]!.atMs - sentAtMs);
    }
    latencies.sort((a, b) => a - b);
    console.log(`POST to receipt, one at a time: median ${latencies[10]} ms, worst ${latencies[19]} ms`);
    // The sweep, which looks every second for what was forgotten, is not what brings it.
    expect(latencies[0]).toBeLessThan(250);
    expect(latencies[10]).toBeLessThan(2_000);
  });

  it('fails, is retried by hand, succeeds, is sent again, and has all of that in its history', async () => {
    await makeEndpoint('/walk', { events: ['walk.*'], profile: '8bit', retry_schedule_seconds: [3600] });
    receiver.answerAt('/walk', 500);
    const id = await publish('walk.made');
    await settled(id, 'retrying', 1);
    receiver.answerAt('/walk', 200);
    expect((await posthorn.call('POST', `${TENANT}/deliveries/${id}/retry`)).status).toBe(202);
    await settled(id, 'succeeded', 2);
    // Asked for a moment sooner, the workflow that is just ending would make the attempt: one run, not two.
    await until(
      () => posthorn.call('GET', `${TENANT}/deliveries/${id}/history`),
      (answer) => answer.body.runs[0]?.status === 'completed',
    );
    expect((await posthorn.call('POST', `${TENANT}/deliveries/${id}/retry`)).status).toBe(202);
    const { body } = await settled(id, 'succeeded', 3);
    expect(body.attempts).toMatchObject([
      { number: 1, trigger: 'schedule', status_code: 500 },
      { number: 2, trigger: 'manual', status_code: 200 },
      { number: 3, trigger: 'manual', status_code: 200 },
    ]);
    expect(new Set(receiver.at('/walk').map((request) => request.body)).size).toBe(1);

    const history = await until(
      () => posthorn.call('GET', `${TENANT}/deliveries/${id}/history`),
      (answer) => answer.body.runs.length === 2 && answer.body.runs[1].status === 'completed',
    );
    const types = history.body.runs.map((run: { entries: { type: string }[] }) =>
      run.entries.map((e) => e.type),
    );
    expect(types[0]).toEqual(
      expect.arrayContaining(['started', 'attempt', 'timer_started', 'signal', 'completed']),
    );
    expect(types[0].filter((type: string) => type === 'attempt')).toHaveLength(2);
    expect(types[1].filter((type: string) => type === 'attempt')).toHaveLength(1);
  });
});

describe('beside a running one', () => {
  it('another on the same data folder refuses, and says what to do', async () => {
    const second = npmStart(dataDir, await freePort());
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/could not start: Another Posthorn \(process \d+\) is running/);
    expect(second.output()).toContain(dataDir);
    expect(second.output()).toContain('POSTHORN_DATA_DIR=');
    expect(second.output()).not.toMatch(/\n\s+at /);
    expect((await posthorn.call('GET', '/readyz')).status).toBe(200);
  });

  it('one with another port and folder has data, key and servers of its own', async () => {
    const folder = newDataDir();
    const other = npmStart(folder, await freePort());
    await other.ready();
    expect((await other.call('GET', `${TENANT}/events`)).body.data).toEqual([]);
    const response = await fetch(`${other.apiUrl()}${TENANT}/events`, {
      headers: { authorization: `Bearer ${posthorn.apiKey()}` },
    });
    expect(response.status).toBe(401);
    const [ours, theirs] = [posthorn.servers(), other.servers()];
    expect([...ours, ...theirs]).toHaveLength(4);
    expect(await other.end('SIGTERM')).toBe(0);
    expect(theirs.some(isRunning)).toBe(false);
    expect(ours.every(isRunning)).toBe(true);
  });

  it('one on a port that is taken says so, and leaves nothing running', async () => {
    const server = createServer();
    const taken = await freePort();
    await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve));
    const folder = newDataDir();
    const refused = npmStart(folder, taken);
    expect(await refused.ended).toBe(1);
    server.close();
    expect(refused.output()).toMatch(new RegExp(`could not start: .*${taken}.*in use`));
    expect(refused.output()).toContain('PORT');
    expect(processesOn(folder)).toEqual([]);
  });
});

describe('the end', () => {
  it('by Ctrl-C stops every process, and the next start finds all data', async () => {
    const id = await publish('quick.kept');
    await settled(id, 'succeeded', 1);
    const [servers, key] = [posthorn.servers(), posthorn.apiKey()];
    expect(servers).toHaveLength(2);
    expect(await posthorn.end('SIGINT')).toBe(0);
    expect(posthorn.output()).toContain('Stopped.');
    expect(servers.some(isRunning)).toBe(false);
    expect(processesOn(dataDir)).toEqual([]);

    await startAgain();
    expect(posthorn.apiKey()).toBe(key);
    await settled(id, 'succeeded', 1);
    const history = await posthorn.call('GET', `${TENANT}/deliveries/${id}/history`);
    expect(history.body.runs).toHaveLength(1);
  });

  it('by kill -9 is made good by the next start: no data is lost, and what was waiting goes on', async () => {
    await makeEndpoint('/later', { events: ['later.*'], retry_schedule_seconds: [10] });
    receiver.answerAt('/later', 500);
    const id = await publish('later.made');
    await settled(id, 'retrying', 1);
    const leftOver = posthorn.servers();
    expect(await posthorn.end('SIGKILL')).toBe('SIGKILL');
    expect(leftOver.every(isRunning)).toBe(true);

    receiver.answerAt('/later', 200);
    await startAgain();
    expect(leftOver.some(isRunning)).toBe(false);
    expect(posthorn.output()).toMatch(/Stopping Postgres \(process \d+\) that an earlier run left behind/);
    const { body } = await settled(id, 'succeeded', 2);
    expect(body.attempts[1]).toMatchObject({ trigger: 'schedule', status_code: 200 });
    await settled(await publish('quick.after'), 'succeeded', 1);
    expect(await posthorn.end()).toBe(0);
    expect(processesOn(dataDir)).toEqual([]);
  });
});
