/** Lists with filters, asked of the API as a platform asks for them. */
import { nowMs } from '../clock.ts';
import { rounded } from '../statistics.ts';
import { API_KEY, type Tenant } from '../world.ts';

export interface ListTime {
  list: string;
  /** Of the first call; and the quickest and the slowest of those after it. */
  firstMs: number;
  minMs: number;
  maxMs: number;
  found: number;
}

const TIMES = 5;

export async function timeLists({ id, target, endpointIds }: Tenant): Promise<ListTime[]> {
  const since = new Date(Date.now() - 10 * 86_400_000).toISOString();
  const until = new Date(Date.now() - 9 * 86_400_000).toISOString();
  const [endpoint, paused] = [endpointIds[0]!, endpointIds.at(-1)!];
  const base = `/v1/tenants/${id}`;
  const { data } = await get(target.port, `${base}/events?until=${until}&limit=1`);
  const lists = [
    'deliveries',
    'deliveries?limit=200',
    'deliveries?status=failed',
    'deliveries?status=failed,retrying,held,cancelled',
    'deliveries?status=retrying',
    'deliveries?status=succeeded',
    `deliveries?endpoint_id=${endpoint}`,
    `deliveries?endpoint_id=${endpoint}&status=failed`,
    `deliveries?endpoint_id=${paused}&status=held`,
    'deliveries?event_type=order.type_4',
    'deliveries?event_type=rare.type',
    'deliveries?event_type=rare.type&status=failed',
    'deliveries?environment=staging',
    'deliveries?environment=development',
    `deliveries?event_id=${(data[0] as { id: string }).id}`,
    `deliveries?since=${since}&until=${until}`,
    `deliveries?since=${since}&until=${until}&endpoint_id=${endpoint}&event_type=rare.type`,
    'events',
    'events?type=rare.type',
    'events?environment=staging',
    `events?since=${since}&until=${until}`,
  ];
  const times: ListTime[] = [];
  for (const list of [
    ...lists.map((one) => `${base}/${one}`),
    '/v1/tenants/other-7/deliveries?status=failed',
  ])
    times.push(await timeList(target.port, list));
  return times;
}

async function timeList(port: number, list: string): Promise<ListTime> {
  const takenMs: number[] = [];
  let found = 0;
  for (let time = 0; time < TIMES; time += 1) {
    const startedMs = nowMs();
    found = (await get(port, list)).data.length;
    takenMs.push(rounded(nowMs() - startedMs));
  }
  const [firstMs, ...later] = takenMs;
  return {
    list: list.replace(/^\/v1\/tenants\//, ''),
    firstMs: firstMs!,
    minMs: Math.min(...later),
    maxMs: Math.max(...later),
    found,
  };
}

async function get(port: number, path: string): Promise<{ data: unknown[] }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  if (!answer.ok) throw new Error(`GET ${path} was answered ${answer.status}: ${await answer.text()}`);
  return answer.json() as Promise<{ data: unknown[] }>;
}
