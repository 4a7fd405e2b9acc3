/** Certificates of ours, and authorities of an endpoint's own: on real handshakes. */
import { readFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startTestPosthorn } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { listen } from '../support/sender-fixtures.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const pem = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name.replace('.', '-test-only.')}`, import.meta.url), 'utf8');
const ca = pem('authority.crt');
const client = { certificate: pem('client.crt'), key: pem('client.key') };

function startServer(options: ServerOptions = {}) {
  const seen: string[] = [];
  const server = createServer(
    { key: pem('server.key'), cert: pem('server.crt'), ca, ...options },
    (request, response) => {
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      seen.push(String(peer.subject?.CN ?? 'nobody'));
      request.resume().once('end', () => response.end('ok'));
    },
  );
  return listen(server, 'https').then((listening) => ({ ...listening, seen }));
}

async function attempt(url: string, settings: object): Promise<Json> {
  const tenant = newTenant();
  const made = await rig.call('POST', `/v1/tenants/${tenant}/endpoints`, {
    url,
    max_retries: 0,
    ...settings,
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const [id] = (await rig.publish(tenant)).delivery_ids;
  const delivery = await until(
    () => rig.delivery(tenant, id!),
    ({ status }) => ['succeeded', 'failed'].includes(status as string),
  );
  return { made: made.body, attempt: delivery.attempts[0], tenant };
}

describe('an authority of its own', () => {
  it('vouches for the server, and no public one is needed', async () => {
    const server = await startServer();
    const trusted = await attempt(server.url, { ca });
    expect(trusted.attempt).toMatchObject({ status_code: 200, error: null });
    expect(trusted.made.ca).toBe(ca);
    const other = await attempt(server.url, {});
    expect(other.attempt.error).toMatchObject({ class: 'tls' });
    const wrong = await attempt(server.url, { ca: pem('self-signed.crt') });
    expect(wrong.attempt.error).toMatchObject({ class: 'tls' });
    expect(server.seen).toEqual(['nobody']);
  });
});

describe('a client certificate', () => {
  it('is shown to a server that asks for it; its key is shown to nobody', async () => {
    const server = await startServer({ requestCert: true, rejectUnauthorized: true });
    const { made, attempt: first, tenant } = await attempt(server.url, { ca, client_certificate: client });
    expect(first).toMatchObject({ status_code: 200, error: null });
    expect(server.seen).toEqual(['posthorn-test-client']);
    expect(made.client_certificate).toMatchObject({
      subject: 'CN=posthorn-test-client',
      issuer: 'CN=Posthorn test authority',
      fingerprint_sha256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    });
    const listed = JSON.stringify((await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body);
    for (const line of client.key.split('\n').slice(1, 3)) {
      expect(JSON.stringify(made)).not.toContain(line);
      expect(listed).not.toContain(line);
    }
    const path = `/v1/tenants/${tenant}/endpoints/${made.id}`;
    expect((await rig.call('PATCH', path, { client_certificate: null })).body.client_certificate).toBeNull();
  });

  it('that is missing fails in words', async () => {
    const server = await startServer({ requestCert: true, rejectUnauthorized: true });
    const { attempt: first } = await attempt(server.url, { ca });
    expect(first.error).toEqual({
      class: 'tls',
      message: 'TLS: the server asks for a client certificate (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
    });
  });

  it('is on no connection of those who have none', async () => {
    const open = await startServer({ requestCert: true, rejectUnauthorized: false });
    for (const settings of [{ ca, client_certificate: client }, { ca }, { ca, client_certificate: client }])
      await attempt(open.url, settings);
    expect(open.seen).toEqual(['posthorn-test-client', 'nobody', 'posthorn-test-client']);
  });

  it('that makes no sense is refused by name, and nothing of the key is repeated', async () => {
    const tenant = newTenant();
    const refused = async (settings: object, path: string) => {
      const body = { url: `${rig.receiver.url}/x`, ...settings };
      const answer = await rig.call('POST', `/v1/tenants/${tenant}/endpoints`, body);
      expectProblem(answer, 422, path);
      expect(JSON.stringify(answer.body)).not.toContain('MIG');
    };
    await refused(
      { client_certificate: { certificate: 'x', key: client.key } },
      'client_certificate.certificate',
    );
    await refused({ client_certificate: { ...client, key: 'x' } }, 'client_certificate.key');
    await refused({ client_certificate: { ...client, key: pem('server.key') } }, 'client_certificate.key');
    // Each handshake would take long, in the thread that all endpoints share.
    const large = { certificate: pem('large-key.crt'), key: pem('large-key.key') };
    await refused({ client_certificate: large }, 'client_certificate.key');
    await refused(
      { client_certificate: { certificate: client.key, key: client.key } },
      'client_certificate.certificate',
    );
    await refused({ ca: 'x' }, 'ca');
    await refused({ ca: client.key }, 'ca');
    await refused({ ca: ca.replace(/[a-z]/g, 'A') }, 'ca');
    await refused({ ca: ca.repeat(11) }, 'ca');
  });
});

it('without verification only where the deployment permits it', async () => {
  const strict = await startTestPosthorn({ POSTHORN_ALLOW_UNVERIFIED_TLS: 'false' });
  const path = `/v1/tenants/${newTenant()}/endpoints`;
  const answer = await strict.call('POST', path, { url: `${rig.receiver.url}/x`, verify_tls: false });
  expectProblem(answer, 422, 'verify_tls');
  await strict.stop();
});
