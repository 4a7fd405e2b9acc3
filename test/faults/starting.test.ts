/** A start that is stopped or fails has attempted nothing: what waits is attempted once, by whoever comes up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startChild } from '../support/child.ts';
import { expectCounts, numbers, setStage, type OnFinished, type Stage } from '../support/stage.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const BACKLOG = 40;

/** Deliveries that no worker has seen yet, and the port on which one is about to start. */
async function withBacklog(onFinished: OnFinished): Promise<{ stage: Stage; start: () => Starting }> {
  const stage = await setStage(onFinished);
  await stage.endpoint('/a', { retry_schedule_seconds: [3600] });
  await stage.child.terminate();
  const { POSTHORN_TASK_QUEUE } = stage.child.env;
  const api = await startChild({
    databaseUrl: stage.databaseUrl,
    env: { POSTHORN_ROLE: 'api', POSTHORN_TASK_QUEUE },
  });
  for (const n of numbers(1, BACKLOG)) {
    const answer = await api.call('POST', '/v1/tenants/acme/events', { type: 'a.b', data: { n } });
    expect(answer.status).toBe(202);
  }
  await api.terminate();
  return { stage, start: () => startMain(stage) };
}

interface Starting {
  output(): string;
  ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

function startMain(stage: Stage): Starting {
  const env = { ...stage.child.env, POSTHORN_LOG_LEVEL: 'debug' };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
  return { output: () => output, ended, kill: (signal) => void child.kill(signal) };
}

describe.concurrent('with a backlog, a start', () => {
  it('that is stopped as it makes its first post finishes it, and nothing is posted twice', async ({
    onTestFinished,
  }) => {
    const { stage, start } = await withBacklog(onTestFinished);
    const starting = start();
    stage.receiver.answerAt('/a', (_, response) => {
      starting.kill('SIGTERM');
      setTimeout(() => response.end(), 1_000);
    });
    expect(await starting.ended, starting.output()).toBe(0);
    stage.receiver.answerAt('/a', 200);
    await stage.child.restart();
    await stage.deliveries('succeeded', BACKLOG);
    expectCounts(stage.counts('/a'), numbers(1, BACKLOG), 1);
  });

  it('whose port is taken posts nothing', async ({ onTestFinished }) => {
    const { stage, start } = await withBacklog(onTestFinished);
    const taken = createServer().listen(Number(stage.child.env.PORT), '127.0.0.1');
    await once(taken, 'listening');
    const starting = start();
    expect(await starting.ended, starting.output()).toBe(1);
    expect(starting.output()).toMatch(/Port \d+ is in use/);
    expect(stage.receiver.at('/a')).toEqual([]);
    expect(await stage.sql('SELECT 1 FROM deliveries WHERE claimed_by IS NOT NULL')).toEqual([]);
    await new Promise((resolve) => taken.close(resolve));
    await stage.child.restart();
    await stage.deliveries('succeeded', BACKLOG);
    expectCounts(stage.counts('/a'), numbers(1, BACKLOG), 1);
  });
});
