import { spawn } from 'node:child_process';
import { it } from 'vitest';
import { startChild } from '../support/child.ts';
import { numbers, setStage, TENANT } from '../support/stage.ts';

it('same ids, opposite order, two processes', async ({ onTestFinished }) => {
  const stage = await setStage(onTestFinished, { env: { POSTHORN_LOG_LEVEL: 'info' } });
  const second = await startChild({
    databaseUrl: stage.databaseUrl,
    env: { POSTHORN_LOG_LEVEL: 'info', POSTHORN_TASK_QUEUE: stage.child.env.POSTHORN_TASK_QUEUE },
  });
  onTestFinished(() => second.kill9());
  await stage.endpoint('/a');
  const burners = numbers(1, Number(process.env.BURN ?? 5)).map(() => spawn('node', ['-e', 'const e=Date.now()+40000;while(Date.now()<e);'], {}));
  onTestFinished(async () => void burners.forEach((b) => b.kill('SIGKILL')));
  const tally: Record<string, number> = {};
  for (let round = 0; round < 10; round++) {
    const events = numbers(1, 500).map((n) => ({ id: `e${round}-${n}`, type: 'a.b', data: { n: round * 1000 + n } }));
    const answers = await Promise.all([
      stage.child.call('POST', `${TENANT}/events/batch`, { events }),
      second.call('POST', `${TENANT}/events/batch`, { events: process.env.SAME ? [] : [...events].reverse() }),
    ]);
    for (const a of answers) for (const r of a.body.results) { const k = r.error ? `${r.error.status} ${r.error.detail}` : 'ok'; tally[k] = (tally[k] ?? 0) + 1; }
  }
  console.log(tally);
  await stage.deliveries('succeeded', 5000, 60000);
  console.log('dups', [...stage.counts('/a').values()].filter((c) => c > 1).length, stage.counts('/a').size);
  const dups = new Set([...stage.counts('/a')].filter(([, c]) => c > 1).map(([n]) => n));
  const when = stage.receiver.at('/a').filter((r) => dups.has(JSON.parse(r.body).data.n)).map((r) => r.atMs);
  const t0 = stage.receiver.received[0]!.atMs;
  const hist: Record<number, number> = {};
  for (const w of when) hist[Math.floor((w - t0) / 500) / 2] = (hist[Math.floor((w - t0) / 500) / 2] ?? 0) + 1;
  console.log('when', JSON.stringify(hist), 'gaps', JSON.stringify([...dups].slice(0, 10).map((n) => stage.receiver.at('/a').filter((r) => JSON.parse(r.body).data.n === n).map((r) => r.atMs - t0))));
  console.log(JSON.stringify(await stage.sql('select * from processes')));
  for (const c of [stage.child, second])
    console.log(c.output().split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l)).filter((j) => !/TMPRL1104/.test(j.msg)).map((j) => `${j.time - t0} ${j.msg} ${j.deliveries ?? ''} ${j.err?.message ?? ''}`).filter((l, i, a) => a[i - 1]?.split(' ').slice(1).join() !== l.split(' ').slice(1).join()).slice(0, 40).join('\n'));
}, 150_000);
