/** `posthorn deliveries tail -f` of an API that shows what it is told to: nothing that comes is left out, or said twice. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { startCli } from '../support/cli.ts';
import { until } from '../support/until.ts';

interface Row {
  id: string;
  created_at: string;
  status: string;
  attempt_count: number;
}

/** What there is to be seen, and how often it was asked for since some time, and at all. */
let rows: Row[] = [];
let looks = 0;
let lists = 0;
/** Before this many lists have been answered, something may happen. */
let meanwhile: (list: number) => void = () => {};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url!, 'http://x');
  const answer = (body: object, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const id = /\/deliveries\/(\w+)$/.exec(pathname)?.[1];
  if (id) return answer(rows.find((row) => row.id === id) ?? { title: 'gone' });
  meanwhile((lists += 1));
  const [since, limit] = [searchParams.get('since'), Number(searchParams.get('limit'))];
  if (since !== null && searchParams.get('cursor') === null) looks += 1;
  const newestFirst = rows
    .filter((row) => since === null || row.created_at >= since)
    .sort((a, b) => (a.created_at + a.id < b.created_at + b.id ? 1 : -1));
  const from = Number(searchParams.get('cursor') ?? 0);
  const isMore = newestFirst.length > from + limit;
  return answer({
    data: newestFirst.slice(from, from + limit),
    next_cursor: isMore ? String(from + limit) : null,
  });
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  rows = [];
  looks = lists = 0;
  meanwhile = () => {};
});

let count = 0;
function come(ageMs = 0, status = 'succeeded'): string {
  const id = `dlv_${String((count += 1)).padStart(6, '0')}`;
  const created_at = new Date(Date.now() - ageMs).toISOString();
  rows.push({
    id,
    created_at,
    status,
    attempt_count: 1,
    ...({ event_type: 'a.b', endpoint_id: 'ep' } as object),
  });
  return id;
}

function tail(lines = '5') {
  const args = ['deliveries', 'tail', '-f', '-n', lines, '--interval', '0.1', '--json', '--tenant', 't'];
  const going = startCli(args, { env: { POSTHORN_URL: url, POSTHORN_API_KEY: 'ph_x' } });
  onTestFinished(async () => void (await going.end()));
  const shown = () => going.records().map(({ id }) => id as string);
  /** The ids it has shown, once it has looked so often more. */
  const after = async (more: number) => {
    const from = looks;
    await until(
      () => looks,
      (now) => now >= from + more,
    );
    return shown();
  };
  return { shown, after };
}

it('what came to light late, behind younger ones, is shown; what was there before is not', async () => {
  const before = [come(8_000), come(4_000)];
  const young = come(1_000);
  const { after } = tail('1');
  expect(await after(2)).toEqual([young]);
  const late = come(5_000);
  expect(await after(3)).toEqual([young, late]);
  expect(before).not.toContain(late);
});

it('what comes while it begins is shown once', async () => {
  come(60_000);
  let between = '';
  // Behind the page it begins with, and before the look that notes what is there.
  meanwhile = (list) => void (list === 2 && (between = come()));
  const { after } = tail('1');
  const shown = await after(3);
  expect(shown.filter((id) => id === between)).toHaveLength(1);
});

it('all of many that come between two looks are shown, in their order', async () => {
  come(60_000);
  const { after } = tail('0');
  await after(1);
  const ids = Array.from({ length: 450 }, () => come());
  expect(await after(3)).toEqual(ids);
});

it('one that is open goes on being looked at, however old it is by then', async () => {
  const open = come(300, 'retrying');
  const { after, shown } = tail('1');
  await after(1);
  const row = rows.find(({ id }) => id === open)!;
  // Out of what the looks see.
  row.created_at = new Date(Date.now() - 3_600_000).toISOString();
  come();
  row.status = 'failed';
  await until(
    () => shown().filter((id) => id === open).length,
    (times) => times === 2,
  );
});
