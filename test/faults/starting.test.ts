/** A start that is stopped or fails has attempted nothing: what waits is attempted once, by whoever comes up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startChild } from '../support/child.ts';
import { expectCounts, numbers, setStage, type OnFinished, type Stage } from '../support/stage.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const BACKLOG = 40;

/** Deliveries that no worker has seen yet. */
async function withBacklog(onFinished: OnFinished): Promise<Stage> {
  const stage = await setStage(onFinished, { env: { POSTHORN_ROLE: 'api' } });
  await stage.endpoint('/a', { retry_schedule_seconds: [3600] });
  for (const n of numbers(1, BACKLOG)) expect((await stage.publish(n)).status).toBe(202);
  await stage.child.terminate();
  return stage;
}

interface Starting {
  output(): string;
  ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** One that works, in the place of the api. */
function startMain(stage: Stage): Starting {
  const env = { ...stage.child.env, POSTHORN_ROLE: 'all', POSTHORN_LOG_LEVEL: 'debug' };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
  return { output: () => output, ended, kill: (signal) => void child.kill(signal) };
}

it('with a backlog, a start whose port is taken posts nothing; one stopped at its first post finishes it, and none is posted twice', async ({
  onTestFinished,
}) => {
  const stage = await withBacklog(onTestFinished);
  const taken = createServer().listen(Number(stage.child.env.PORT), '127.0.0.1');
  await once(taken, 'listening');
  const refused = startMain(stage);
  expect(await refused.ended, refused.output()).toBe(1);
  expect(refused.output()).toMatch(/Port \d+ is in use/);
  expect(stage.receiver.at('/a')).toEqual([]);
  expect(await stage.sql('SELECT 1 FROM deliveries WHERE claimed_by IS NOT NULL')).toEqual([]);
  await new Promise((resolve) => taken.close(resolve));

  const stopped = startMain(stage);
  stage.receiver.answerAt('/a', (_, response) => {
    stopped.kill('SIGTERM');
    setTimeout(() => response.end(), 1_000);
  });
  expect(await stopped.ended, stopped.output()).toBe(0);
  stage.receiver.answerAt('/a', 200);

  const { POSTHORN_TASK_QUEUE } = stage.child.env;
  const last = await startChild({ databaseUrl: stage.databaseUrl, env: { POSTHORN_TASK_QUEUE } });
  onTestFinished(() => last.kill9());
  await stage.deliveries('succeeded', BACKLOG);
  expectCounts(stage.counts('/a'), numbers(1, BACKLOG), 1);
});
