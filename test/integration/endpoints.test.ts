import { describe, expect, it } from 'vitest';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

const everything = {
  name: 'CRM, all of it',
  profile: 'eev',
  events: ['conversation.*', 'ticket.created'],
  environments: ['production', 'staging'],
  method: 'PUT',
  timeout_seconds: 7,
  max_retries: 3,
  retry_interval: 'fixed',
  retry_delay_seconds: 30,
  notify_on_failure: false,
  notify_emails: ['ops@example.com'],
  headers: { 'X-Team': 'crm' },
  auth: { type: 'basic', username: 'posthorn', password: 'correct horse' },
  verify_tls: false,
  allowed_ips: ['127.0.0.1'],
  max_in_flight: 4,
  template: { preset: 'teams', title: '{type}', fields: ['data.id'], link: 'data.url' },
  enabled: true,
  metadata: { owner: 'mara' },
};

describe('an endpoint', () => {
  it('keeps every setting it was made with', async () => {
    const tenant = newTenant();
    const made = await rig.endpoint(tenant, '/all', everything);
    const { retry_delay_seconds, ...shown } = everything;
    const expected = {
      ...shown,
      id: expect.stringMatching(/^ep_/) as string,
      tenant_id: tenant,
      url: `${rig.receiver.url}/all`,
      auth: { type: 'basic', username: 'posthorn' },
      retry_delay_seconds,
      retry_schedule_seconds: [30, 30, 30],
      signed: true,
      disabled_reason: null,
      previous_secrets_valid_until: [],
    };
    const { secret, warnings, ...rest } = made;
    expect(warnings).toEqual([]);
    expect(secret).toMatch(/^whsec_/);
    expect(rest).toMatchObject(expected);
    const found = await rig.call('GET', `/v1/tenants/${tenant}/endpoints/${made.id}`);
    expect(found).toMatchObject({ status: 200, body: expected });
    expect(found.body).toEqual(rest);
  });

  it.each([
    ['standard', 15, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]],
    ['8bit', 5, [10, 60, 300, 900, 3600, 21_600]],
    ['agentbot', 5, [60, 300, 1800, 10_800]],
    ['eev', 30, [10, 60, 300, 900, 3600]],
  ])('has the defaults of its profile: %s', async (profile, timeoutSeconds, schedule) => {
    expect(await rig.endpoint(newTenant(), '/defaults', { profile })).toMatchObject({
      profile,
      events: ['*'],
      environments: ['production'],
      method: 'POST',
      timeout_seconds: timeoutSeconds,
      max_retries: schedule.length,
      retry_interval: 'exponential',
      retry_schedule_seconds: schedule,
      notify_on_failure: true,
      headers: {},
      auth: null,
      verify_tls: true,
      enabled: true,
    });
  });

  it('shows the retries as they will be: with max_retries beyond the schedule its last delay repeats', async () => {
    const tenant = newTenant();
    const longer = await rig.endpoint(tenant, '/x', { profile: '8bit', max_retries: 8 });
    expect(longer.retry_schedule_seconds).toEqual([10, 60, 300, 900, 3600, 21_600, 21_600, 21_600]);
    const shorter = await rig.endpoint(tenant, '/x', { profile: '8bit', max_retries: 2 });
    expect(shorter.retry_schedule_seconds).toEqual([10, 60]);
    const none = await rig.endpoint(tenant, '/x', { profile: '8bit', max_retries: 0 });
    expect(none.retry_schedule_seconds).toEqual([]);
    const own = await rig.endpoint(tenant, '/x', { retry_schedule_seconds: [1, 2, 3] });
    expect(own).toMatchObject({ max_retries: 3, retry_schedule_seconds: [1, 2, 3] });
  });

  it('changes what a PATCH names and nothing else', async () => {
    const tenant = newTenant();
    const { secret: _secret, ...made } = await rig.endpoint(tenant, '/patch', everything);
    const path = `/v1/tenants/${tenant}/endpoints/${made.id}`;
    const answer = await rig.call('PATCH', path, { events: ['*'], timeout_seconds: 9, auth: null });
    expect(answer.status).toBe(200);
    const changed = { events: ['*'], timeout_seconds: 9, auth: null };
    expect(answer.body).toEqual({ ...made, ...changed, updated_at: answer.body.updated_at });
    expect(answer.body.updated_at >= made.updated_at).toBe(true);
    const exponential = await rig.call('PATCH', path, { retry_interval: 'exponential' });
    expect(exponential.body).toMatchObject({
      retry_delay_seconds: null,
      retry_schedule_seconds: [10, 60, 300],
    });
    const reset = await rig.call('PATCH', path, { max_retries: null, timeout_seconds: null });
    expect(reset.body).toMatchObject({ max_retries: 5, timeout_seconds: 30 });
  });

  it('is gone from every list once it is deleted, and gets nothing any more', async () => {
    const tenant = newTenant();
    const [deleted, kept] = [await rig.endpoint(tenant, '/deleted'), await rig.endpoint(tenant, '/kept')];
    const path = `/v1/tenants/${tenant}/endpoints`;
    expect((await rig.call('DELETE', `${path}/${deleted.id}`)).status).toBe(204);
    expect((await rig.call('GET', `${path}/${deleted.id}`)).status).toBe(404);
    expect((await rig.call('DELETE', `${path}/${deleted.id}`)).status).toBe(404);
    expect((await rig.call('GET', path)).body.data.map((one: Json) => one.id)).toEqual([kept.id]);
    expect((await rig.publish(tenant)).delivery_ids).toHaveLength(1);
    await rig.calls('/kept', 1);
    expect(rig.receiver.at('/deleted')).toEqual([]);
  });

  it('is listed with the others of its tenant, page by page, without repeats', async () => {
    const tenant = newTenant();
    const made: string[] = [];
    for (let i = 0; i < 7; i += 1) made.push((await rig.endpoint(tenant, `/page${i}`)).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `&cursor=${cursor}` : '';
      const { body } = await rig.call('GET', `/v1/tenants/${tenant}/endpoints?limit=3${query}`);
      expect(body.data.length).toBeLessThanOrEqual(3);
      seen.push(...body.data.map((one: Json) => one.id));
      cursor = body.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(made);
  });
});

describe('the endpoints of a tenant', () => {
  it('each get what they chose, by event and by environment', async () => {
    const tenant = newTenant();
    await rig.endpoint(tenant, '/everything', { environments: ['production', 'staging', 'development'] });
    await rig.endpoint(tenant, '/conversations', { events: ['conversation.*'] });
    await rig.endpoint(tenant, '/exact', { events: ['message.sent', 'conversation.created'] });
    await rig.endpoint(tenant, '/staging', { environments: ['staging'] });
    await rig.endpoint(tenant, '/both', { events: ['message.*'], environments: ['staging', 'production'] });
    await rig.endpoint(newTenant(), '/stranger');
    const published: [type: string, environment: string, ...to: string[]][] = [
      ['conversation.created', 'production', '/conversations', '/everything', '/exact'],
      ['conversation.a.b', 'production', '/conversations', '/everything'],
      ['conversations.created', 'production', '/everything'],
      ['conversation', 'production', '/everything'],
      ['message.sent', 'production', '/both', '/everything', '/exact'],
      ['message.sent', 'staging', '/both', '/everything', '/staging'],
      ['message.sent', 'development', '/everything'],
    ];
    for (const [type, environment, ...to] of published) {
      const { id, delivery_ids } = await rig.publish(tenant, { type, environment });
      expect(delivery_ids, `${type} in ${environment}`).toHaveLength(to.length);
      await until(
        () => rig.receiver.received.filter((one) => one.headers['webhook-id'] === id),
        (received) => received.length === to.length,
      );
      const reached = rig.receiver.received.filter((one) => one.headers['webhook-id'] === id);
      expect(reached.map((one) => one.path).sort()).toEqual(to);
    }
    expect(rig.receiver.at('/stranger')).toEqual([]);
  });

  it('may be none: the event is accepted, kept, and delivered to nobody', async () => {
    const tenant = newTenant();
    const { id, delivery_ids } = await rig.publish(tenant, { type: 'a.b', data: { kept: true } });
    expect(delivery_ids).toEqual([]);
    const event = await rig.call('GET', `/v1/tenants/${tenant}/events/${id}`);
    expect(event.body).toMatchObject({ id, type: 'a.b', environment: 'production', data: { kept: true } });
  });

  it('are reached with a changed selection from the very next event on', async () => {
    const tenant = newTenant();
    const { id } = await rig.endpoint(tenant, '/selection', { events: ['a.*'] });
    expect((await rig.publish(tenant, { type: 'b.c' })).delivery_ids).toHaveLength(0);
    await rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/${id}`, { events: ['b.*'] });
    expect((await rig.publish(tenant, { type: 'b.c' })).delivery_ids).toHaveLength(1);
    expect((await rig.publish(tenant, { type: 'a.b' })).delivery_ids).toHaveLength(0);
  });
});

describe('a tenant', () => {
  it('comes to be by first use, and has a name and metadata when given', async () => {
    const [used, put] = [newTenant(), newTenant()];
    expect((await rig.call('GET', `/v1/tenants/${used}`)).status).toBe(404);
    await rig.publish(used);
    expect((await rig.call('GET', `/v1/tenants/${used}`)).body).toMatchObject({ id: used, name: null });
    const body = { name: 'Acme', metadata: { plan: 'pro' } };
    expect((await rig.call('PUT', `/v1/tenants/${put}`, body)).body).toMatchObject({ id: put, ...body });
    expect((await rig.call('GET', `/v1/tenants/${put}`)).body).toMatchObject({ id: put, ...body });
  });
});
