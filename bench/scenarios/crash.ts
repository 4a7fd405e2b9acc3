import { nowMs, sleep } from '../clock.ts';
import { isAccepted } from '../sink/receipts.ts';
import type { Behaviour } from '../sink/process.ts';
import {
  CONNECTIONS,
  lastFirstMs,
  outcomeOf,
  publishAndCollect,
  refusals,
  type Outcome,
  seconds,
} from '../measure.ts';
import { rounded } from '../statistics.ts';
import { OK, type World } from '../world.ts';
import type { Scenario } from './index.ts';

const DOWN_MS = 1_000;
/** What ends the wait for the half is a receipt, and those come in volleys: a kill has nothing to do with them. */
const WITHIN_MS = 25;
const LIMIT_MS = 300_000;
/** Recovery may wait for a lease; peers took up to 108 s. */
const STALL_MS = 150_000;

export const crash: Scenario = {
  name: 'crash',
  about: 'kill -9 of Posthorn half-way through 5,000 events, started again after 1 s',
  run: (world) => measureCrash(world, OK),
};

/** A quick endpoint has nearly everything that was accepted; with this one, many wait when it happens. */
export const crashBacklog: Scenario = {
  name: 'crash-backlog',
  about: 'the same with an endpoint that takes 50 ms to answer',
  run: (world) => measureCrash(world, { kind: 'slow', status: 200, delayMs: 50 }),
};

/** Publishing goes on throughout; what is not answered 2xx does not count as accepted. */
async function measureCrash(world: World, behaviour: Behaviour): Promise<Outcome> {
  const count = world.parts.sizes.crashEvents;
  const posthorn = await world.start();
  await world.warmUp();
  const capacity = count * 4;
  const tenant = await world.tenant({ size: capacity, behaviour });
  const { target, lanes } = tenant;
  const { load, sink } = world.parts;
  let killedMs = 0;
  let restartedMs = 0;
  let readyMs = 0;
  const collected = await publishAndCollect(
    world,
    tenant,
    async () => {
      const publishing = load.call.closedLoop({
        target,
        connections: CONNECTIONS,
        count,
        capacity,
        limitMs: LIMIT_MS,
      });
      // Half-way in deliveries, but while there is still something to publish.
      await Promise.race([
        sink.call.until({ lane: lanes[0]!, distinct: count / 2, stallMs: LIMIT_MS, limitMs: LIMIT_MS }),
        load.call.untilAccepted({ count: Math.round(count * 0.8), limitMs: LIMIT_MS }),
      ]);
      await sleep(Math.random() * WITHIN_MS);
      killedMs = nowMs();
      await posthorn.kill('SIGKILL');
      await sleep(DOWN_MS);
      restartedMs = nowMs();
      await world.start();
      readyMs = nowMs();
      return publishing;
    },
    { stallMs: STALL_MS },
  );
  const { published, lanes: received } = collected;
  const { firstMs, counts } = received[0]!;
  let before = 0;
  let atKill = 0;
  let recoveredMs = restartedMs;
  published.statuses.forEach((status, seq) => {
    if (counts[seq]! > 0 && firstMs[seq]! < killedMs) atKill += 1;
    if (!isAccepted(status) || published.answeredMs[seq]! > killedMs) return;
    before += 1;
    if (firstMs[seq]! > recoveredMs) recoveredMs = firstMs[seq]!;
  });
  const recoveryMs = recoveredMs - restartedMs;
  const lastMs = lastFirstMs(received) - restartedMs;
  const headline =
    `killed with ${before} accepted, ${atKill} delivered; of those the last arrived ` +
    `${seconds(recoveryMs)} s after the restart, the last of all after ${seconds(lastMs)} s`;
  return outcomeOf(collected, headline, {
    acceptedBeforeKill: before,
    deliveredBeforeKill: atKill,
    acceptedInAll: published.accepted,
    readyAfterMs: rounded(readyMs - restartedMs),
    recoveryMs: rounded(recoveryMs),
    lastArrivalMs: rounded(lastMs),
    unanswered: refusals(published)[0] ?? 0,
  });
}
