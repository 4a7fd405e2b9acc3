/** What an endpoint wants of TLS beyond the ordinary: a certificate of ours to show, authorities of its own to trust. */
import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext } from 'node:tls';
import type { ClientCertificate } from '../domain.ts';

export interface TlsIdentity {
  /** Tells identities apart without saying anything about them: connections are shared among equal ones. */
  id: string;
  context: SecureContext;
}

interface TlsSettings {
  ca: string | null;
  clientCertificate: ClientCertificate | null;
}

/**
 * Without finite-field Diffie-Hellman, whose numbers the server chooses: with large ones each handshake would hold up this
 * thread, and so everybody, for a fifth of a second.
 */
export const CIPHERS = `${DEFAULT_CIPHERS}:!kDHE`;

const made = new WeakMap<object, TlsIdentity>();

/** Endpoints come from a cache, so it is made once for each. Throws for material that OpenSSL does not take. */
export function tlsIdentityOf(settings: TlsSettings): TlsIdentity | null {
  const { ca, clientCertificate } = settings;
  if (ca === null && clientCertificate === null) return null;
  let identity = made.get(settings);
  if (!identity) {
    const id = createHash('sha256')
      .update(JSON.stringify([ca, clientCertificate]))
      .digest('hex');
    const context = createSecureContext({
      ciphers: CIPHERS,
      ...(ca === null ? {} : { ca }),
      ...(clientCertificate === null
        ? {}
        : { cert: clientCertificate.certificate, key: clientCertificate.key }),
    });
    made.set(settings, (identity = { id, context }));
  }
  return identity;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const MAX_CERTIFICATES = 10;

/** Why a text is no list of certificates in PEM, or null. */
export function certificatesProblem(pem: string): string | null {
  const texts = pem.match(CERTIFICATE) ?? [];
  if (texts.length === 0) return 'must be PEM: -----BEGIN CERTIFICATE----- …';
  if (texts.length > MAX_CERTIFICATES) return `must hold at most ${MAX_CERTIFICATES} certificates`;
  if (/PRIVATE KEY/.test(pem)) return 'must hold certificates only, and there is a private key in it';
  return texts.every(isCertificate) ? null : 'holds a certificate that cannot be read';
}

function isCertificate(pem: string): boolean {
  try {
    return Boolean(new X509Certificate(pem));
  } catch {
    return false;
  }
}

/** Every handshake signs with it, in the thread that all share: 3 ms with so many, 330 ms with 16384. */
const MAX_RSA_BITS = 4096;

/** Why a key of this kind would take too long, or be of no use; null: it is fine. */
function keyKindProblem({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string | null {
  if (!['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448'].includes(type ?? ''))
    return 'must be a key of RSA, of an elliptic curve, or Ed25519';
  return (asymmetricKeyDetails?.modulusLength ?? 0) > MAX_RSA_BITS
    ? `must have at most ${MAX_RSA_BITS} bits`
    : null;
}

/** Why this cannot be shown to a server, with the part that is wrong, or null. Repeats nothing of the key. */
export function clientCertificateProblem({
  certificate,
  key,
}: ClientCertificate): { part: 'certificate' | 'key'; message: string } | null {
  const problem = certificatesProblem(certificate);
  if (problem !== null) return { part: 'certificate', message: problem };
  const leaf = new X509Certificate(certificate);
  if (leaf.validToDate < new Date())
    return { part: 'certificate', message: `has expired on ${leaf.validToDate.toISOString()}` };
  try {
    const privateKey = createPrivateKey(key);
    const ofKind = keyKindProblem(privateKey);
    if (ofKind !== null) return { part: 'key', message: ofKind };
    if (!leaf.checkPrivateKey(privateKey))
      return { part: 'key', message: 'does not belong to the certificate' };
    createSecureContext({ cert: certificate, key });
    return null;
  } catch {
    return {
      part: 'key',
      message: 'must be a private key in PEM, not encrypted: -----BEGIN PRIVATE KEY----- …',
    };
  }
}

/** What may be known to everybody. */
export function certificateFacts({ certificate }: ClientCertificate) {
  const leaf = new X509Certificate(certificate);
  return {
    subject: leaf.subject.replaceAll('\n', ', '),
    issuer: leaf.issuer.replaceAll('\n', ', '),
    serial_number: leaf.serialNumber,
    fingerprint_sha256: leaf.fingerprint256,
    valid_until: leaf.validToDate,
  };
}
