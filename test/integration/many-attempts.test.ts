/** A delivery that was tried very often: its page stays as large as a page may be. */
import { expect, it } from 'vitest';
import { newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();

it('shows its last thousand attempts, and of their answers together a megabyte, the last ones whole', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, `/${tenant}`);
  const id = (await rig.publish(tenant)).delivery_ids[0]!;
  await rig.settled(tenant, id, 'succeeded');
  const count = 1_200;
  const bytes = 60_000;
  await rig.sql(
    `INSERT INTO attempts (tenant_id, delivery_id, number, trigger, started_at, duration_ms, url, method, status_code,
                           request_headers, response_headers, response_body, response_body_bytes, endpoint_id)
     SELECT a.tenant_id, a.delivery_id, n, 'manual', now(), 1, a.url, a.method, 500, '{}', '{}', repeat('x', $2), $2, a.endpoint_id
       FROM attempts a, generate_series(2, $3) n WHERE a.delivery_id = $1`,
    ...[id, bytes, count],
  );
  const { attempts } = await rig.delivery(tenant, id);
  expect(attempts.map(({ number }: Json) => number)).toEqual(
    Array.from({ length: 1_000 }, (_, n) => n + count - 999),
  );
  const whole = attempts.filter(({ response }: Json) => !response.truncated);
  expect(whole).toHaveLength(Math.floor((1 << 20) / bytes));
  expect(whole[0].number).toBe(count - whole.length + 1);
  for (const { response } of whole) expect(response.body).toHaveLength(bytes);
  const all = attempts.reduce((sum: number, { response }: Json) => sum + response.body.length, 0);
  expect(all).toBeLessThan((1 << 20) + 1_000 * 201);
  expect(attempts[0].response).toMatchObject({ truncated: true, body_bytes: bytes });
});
