import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Behaviour } from '../support/receiver.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const deliver: typeof rig.deliver = (behaviour, status, settings = { max_retries: 0 }) =>
  rig.deliver(behaviour, status, settings);

function listen(server: Server): Promise<number> {
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

describe.concurrent('an attempt', () => {
  it('keeps 64 KiB of a large answer and notes the length of the whole', async () => {
    const { attempts } = await deliver(
      (_request, response) => void response.end('y'.repeat(300_000)),
      'succeeded',
    );
    expect(attempts[0].response).toMatchObject({ body_bytes: 300_000, truncated: true });
    expect(attempts[0].response.body).toBe('y'.repeat(65_536));
  });

  it('does not read an answer of 50 MB to its end', async () => {
    let sent = 0;
    const behaviour: Behaviour = (_request, response) => {
      response.writeHead(200, { 'content-length': 50 << 20 });
      const more = (): void => {
        while (sent < 50 << 20 && !response.destroyed) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536, 'z'))) return void response.once('drain', more);
        }
      };
      more();
    };
    const { attempts } = await deliver(behaviour, 'succeeded');
    expect(attempts[0].response).toMatchObject({ body_bytes: 50 << 20, truncated: true });
    expect(attempts[0].response.body).toHaveLength(65_536);
    expect(sent).toBeLessThan(20 << 20);
  });

  it('keeps an empty answer, and one that is neither UTF-8 nor text', async () => {
    const empty = await deliver((_request, response) => response.writeHead(204).end(), 'succeeded');
    expect(empty.attempts[0].response).toMatchObject({ body: '', body_bytes: 0, truncated: false });
    const bytes = Buffer.from([0x61, 0x00, 0xff, 0x62]);
    const binary = await deliver((_request, response) => void response.end(bytes), 'succeeded');
    expect(binary.attempts[0].response).toMatchObject({ body: 'a\ufffdb', body_bytes: 4, truncated: false });
    const zeros = await deliver((_request, response) => void response.end(Buffer.alloc(9)), 'succeeded');
    expect(zeros.attempts[0].response).toMatchObject({ body: '', body_bytes: 9, truncated: false });
    const noise = Buffer.alloc(100_000, 0xff);
    const large = await deliver((_request, response) => void response.end(noise), 'succeeded');
    expect(large.attempts[0].response).toMatchObject({ body_bytes: 100_000, truncated: true });
  });

  it('is over when its time is', async () => {
    const { attempts } = await deliver(() => {}, 'failed', { timeout_seconds: 1, max_retries: 0 });
    expect(attempts[0].error.class).toBe('timeout');
    expect(attempts[0].error.message).toContain('1 s');
    expect(attempts[0].duration_ms).toBeGreaterThanOrEqual(990);
    expect(attempts[0].duration_ms).toBeLessThan(10_000);
  });

  it('has delivered when the status came in time, though the body trickles on', async () => {
    const trickle: Behaviour = (_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(timer));
    };
    const { attempts, delivery } = await deliver(trickle, 'succeeded', {
      timeout_seconds: 5,
      max_retries: 0,
    });
    expect(delivery.attempt_count).toBe(1);
    expect(attempts[0]).toMatchObject({
      status_code: 200,
      error: null,
      remark: 'the answer was cut off after 5 s: its body had not come to an end',
    });
    expect(attempts[0].response.body).toMatch(/^\.+$/);
  });

  it('fails in words when nobody listens', async () => {
    const { attempts } = await deliver(200, 'failed', { url: 'http://127.0.0.1:1/', max_retries: 0 });
    expect(attempts[0]).toMatchObject({ status_code: null, error: { class: 'connection' } });
    expect(attempts[0].error.message).toContain('connection refused: 127.0.0.1:1');
  });

  it('fails in words when the host does not exist', async () => {
    const { attempts } = await deliver(200, 'failed', {
      url: 'http://no-such-host.invalid/',
      max_retries: 0,
    });
    expect(attempts[0]).toMatchObject({ status_code: null, error: { class: 'dns' } });
  });

  it('fails when the connection breaks off before the answer', async () => {
    const reset = await deliver((_request, response) => void response.socket?.destroy(), 'failed');
    expect(reset.attempts[0].error.class).toBe('connection');
  });

  it('has delivered when the connection breaks off behind a 2xx, and says so', async () => {
    const half: Behaviour = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('only this', () => response.socket?.destroy());
    };
    const { attempts } = await deliver(half, 'succeeded');
    expect(attempts[0]).toMatchObject({
      status_code: 200,
      error: null,
      remark: 'the connection broke off before the end of the answer',
      response: { body: 'only this', body_bytes: 9 },
    });
  });

  it('goes only to the addresses in allowed_ips', async () => {
    const inside = await deliver(200, 'succeeded', { allowed_ips: ['127.0.0.0/8'] });
    expect(inside.attempts[0].error).toBeNull();
    const endpoints = `/v1/tenants/${inside.tenant}/endpoints`;
    const outside = { allowed_ips: ['192.0.2.0/24'] };
    const created = await rig.call('POST', endpoints, { url: `${rig.receiver.url}/elsewhere`, ...outside });
    const changed = await rig.call('PATCH', `${endpoints}/${inside.endpoint.id}`, outside);
    for (const refused of [created, changed]) {
      expect(refused.status).toBe(422);
      expect(refused.body.errors).toMatchObject([
        { path: 'url', message: expect.stringContaining('allowed_ips') },
      ]);
    }
  });

  it('refuses a certificate nobody vouches for, unless the endpoint does without', async () => {
    const file = (name: string) =>
      readFileSync(new URL(`../fixtures/tls/self-signed-test-only.${name}`, import.meta.url));
    const server = createServer({ key: file('key'), cert: file('crt') }, (_request, response) =>
      response.end(),
    );
    const url = `https://127.0.0.1:${await listen(server)}/`;
    const verified = await deliver(200, 'failed', { url, max_retries: 0 });
    expect(verified.attempts[0].error.class).toBe('tls');
    const unverified = await deliver(200, 'succeeded', { url, verify_tls: false, max_retries: 0 });
    expect(unverified.attempts[0].status_code).toBe(200);
    server.closeAllConnections();
  });
});
