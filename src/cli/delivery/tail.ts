/** `posthorn deliveries tail`: what comes, and how it goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, PosthornClient } from '../../sdk/client/index.ts';
import { filterOf, type TailOptions } from '../commands/deliveries.ts';
import { connectTenant } from '../connect.ts';
import { failureOf } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { untilStopped } from '../interrupt.ts';
import { status, type Output } from '../output.ts';
import { printable } from '../../printable.ts';
import type { Run } from '../run.ts';
import { createWatch } from './watch.ts';
import { lastOf } from './show.ts';

type Delivery = Answer<'listDeliveries'>['data'][number];

const PAGE = 200;
/** In one look. What is beyond is said, and left out. */
const PAGES = 10;
/** Ids are made before the commit: one that is older than the newest may come to light later. */
const LATE_MS = 10_000;
/** Those that wait longest for news are looked at one by one. */
const ASKED_AT_ONCE = 10;

export async function tail(run: Run<TailOptions>): Promise<ExitCode> {
  const { options, output } = run;
  const { client } = connectTenant(run);
  const wanted = options.status;
  const { status: _status, ...filter } = filterOf(options);
  const print = (delivery: Delivery) => {
    if (!wanted || wanted.includes(delivery.status)) printDelivery(output, delivery);
  };
  const first = await latest(client, filterOf(options), options.lines);
  for (const delivery of first.toReversed()) print(delivery);
  if (!options.follow) return EXIT.ok;

  const stopped = untilStopped();
  const ended = new AbortController();
  void stopped.promise.then(() => ended.abort());
  const watch = createWatch<Delivery>(first);
  // What came shortly before is there already, shown or not.
  let sinceMs = first[0] ? Date.parse(first[0].created_at) : await serverNowMs(client, filter);
  // But not what has come, or gone on, since: that is for the first look.
  const shown = new Set(first.map(({ id }) => id));
  for (const delivery of (await newerThan(client, filter, sinceMs - LATE_MS)).rows)
    if (Date.parse(delivery.created_at) <= sinceMs && !shown.has(delivery.id)) watch.isNews(delivery);
  while (!ended.signal.aborted) {
    try {
      const { rows, isWhole } = await newerThan(client, filter, sinceMs - LATE_MS);
      const oldest = rows.at(-1);
      if (!isWhole && oldest && Date.parse(oldest.created_at) > sinceMs)
        output.note(`There were more than ${PAGE * PAGES} at once: those before are left out.`);
      for (const delivery of rows.toReversed()) if (watch.isNews(delivery)) print(delivery);
      sinceMs = Math.max(sinceMs, ...rows.slice(0, 1).map((one) => Date.parse(one.created_at)));
      for (const id of watch.longestUnseen(ASKED_AT_ONCE, rows)) {
        const delivery = await client.deliveries.get(id).catch(() => null);
        if (delivery && watch.isNews(delivery)) print(delivery);
        if (!delivery) watch.forget(id);
      }
    } catch (error) {
      const failure = failureOf(error);
      if (failure.exitCode !== EXIT.unavailable) throw error;
      output.note(`${printable(failure.message)}; trying on`);
    }
    await sleep(options.interval * 1_000, undefined, { signal: ended.signal }).catch(() => {});
  }
  stopped.done();
  return EXIT.ok;
}

type Filter = NonNullable<Parameters<PosthornClient['deliveries']['list']>[0]>;

async function latest(client: PosthornClient, filter: Filter, count: number): Promise<Delivery[]> {
  if (count === 0) return [];
  return (await client.deliveries.list({ ...filter, limit: count }).page()).data;
}

/** Newest first; `isWhole` is false where there were too many. */
async function newerThan(client: PosthornClient, filter: Filter, sinceMs: number) {
  const list = client.deliveries.list({ ...filter, since: new Date(sinceMs), limit: PAGE });
  const rows: Delivery[] = [];
  let pages = 0;
  for await (const { data } of list.pages()) {
    rows.push(...data);
    pages += 1;
    if (pages === PAGES && data.length === PAGE) return { rows, isWhole: false };
  }
  return { rows, isWhole: true };
}

/** By the server's clock, as far as its newest delivery tells; ours may be another. */
async function serverNowMs(client: PosthornClient, filter: Filter): Promise<number> {
  const [newest] = (await client.deliveries.list({ ...filter, limit: 1 }).page()).data;
  return newest ? Date.parse(newest.created_at) : Date.now();
}

function printDelivery(output: Output, delivery: Delivery): void {
  output.record(delivery, () => {
    const { style } = output;
    const shown = status(delivery.status);
    output.line(
      [
        style('dim', new Date(delivery.created_at).toTimeString().slice(0, 8)),
        style(shown.style, printable(delivery.status).padEnd(9)),
        printable(delivery.event_type),
        style('dim', printable(`${delivery.id} → ${delivery.endpoint_id}`)),
        printable(`attempt ${delivery.attempt_count}`),
        printable(lastOf(delivery)),
      ].join('  '),
    );
  });
}
