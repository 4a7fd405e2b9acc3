/**
 * From what happened to an exchange to an error class and a sentence for the person who looks at the attempt.
 * Messages carry addresses, status codes and error codes, never a request header or body.
 */
import errors from 'undici/lib/core/errors.js';
import type { AttemptError } from '../domain.ts';
import { EgressProxyError } from './egress-proxy.ts';
import { BlockedAddressError, type ConnectPhase } from './connector.ts';
import { isNoTurn, isSilent } from './lookup-error.ts';

/** What an exchange is doing at a moment. */
export type ExchangePhase = 'queued' | ConnectPhase | 'sending' | 'waiting';

const DOING: Record<ExchangePhase, string> = {
  queued: 'waiting for a free connection',
  resolving: 'resolving the host name',
  connecting: 'connecting',
  handshaking: 'in the TLS handshake',
  established: 'sending the request',
  sending: 'sending the request',
  waiting: 'waiting for the response',
};

const TLS_PROBLEMS: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain ends in a self-signed certificate that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate cannot be verified: the server does not send its intermediate certificates',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of the certificate is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate is not trusted',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate has been revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
  HOSTNAME_MISMATCH: 'the certificate is for another host name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS on this port',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the server speaks only outdated versions of TLS',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server asks for a client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the server does not trust the authority of our client certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the server refuses our client certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the server refuses our client certificate',
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: 'the server refuses the kind of our client certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the server says that our client certificate has expired',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'the server says that our client certificate was revoked',
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: 'the server does not let in who has our client certificate',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE:
    'the server found no common ground: it may want a client certificate, or other versions or ciphers',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the server speaks other versions of TLS',
};

const DNS_PROBLEMS: Record<string, string> = {
  ENOTFOUND: 'the host name does not exist or has no address',
  EAI_AGAIN: 'the name server did not answer',
  ETIMEOUT: 'the name server did not answer',
  ESERVFAIL: 'the name server could not say',
  EREFUSED: 'the name server refused to say',
  EBUSY: "the host names of this tenant's other endpoints had no answer yet, and this one waited behind them",
};

const CONNECTION_PROBLEMS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the server reset the connection',
  EPIPE: 'the server closed the connection while the request was being sent',
  ETIMEDOUT: 'the server did not accept the connection',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  UND_ERR_SOCKET: 'the server closed the connection',
};

/** What the status code says by itself: null for 2xx. `location` is the header's value, if any. */
export function statusError(statusCode: number, location: string | undefined): AttemptError | null {
  if (statusCode >= 200 && statusCode < 300) return null;
  if (statusCode < 300 || statusCode >= 400) return { class: 'http', message: `HTTP ${statusCode}` };
  const where = location === undefined ? '' : ` to ${shortened(location, 200)}`;
  return {
    class: 'redirect',
    message: `HTTP ${statusCode}${where}: redirects are not followed; the endpoint's URL must be the final one`,
  };
}

/** For an exchange whose time was over before the status line and headers were complete. */
export function timeoutError(timeoutMs: number, phase: ExchangePhase): AttemptError {
  return { class: 'timeout', message: `timed out after ${timeoutMs / 1000} s while ${DOING[phase]}` };
}

/** For an answer whose body had not ended when the time was over. */
export function cutOffByTimeRemark(timeoutMs: number): string {
  return `the answer was cut off after ${timeoutMs / 1000} s: its body had not come to an end`;
}

/** For an exchange that ended in `error` before the head of a response had arrived. */
export function exchangeError(error: Error, phase: ExchangePhase): AttemptError {
  if (error instanceof BlockedAddressError) return { class: 'blocked_address', message: error.message };
  if (error instanceof EgressProxyError) return { class: 'connection', message: error.message };
  const code = codeOf(error);
  if (isDnsError(error)) {
    return {
      class: 'dns',
      message: `DNS: ${DNS_PROBLEMS[code] ?? 'the host name could not be resolved'} (${code})`,
    };
  }
  if (phase === 'handshaking' || isTlsError(error)) {
    return { class: 'tls', message: `TLS: ${TLS_PROBLEMS[code] ?? 'the handshake failed'} (${code})` };
  }
  const malformed = malformedResponse(error, code);
  if (malformed !== null) return { class: 'invalid_response', message: malformed };
  const problem = CONNECTION_PROBLEMS[code] ?? 'the connection failed';
  const when = phase === 'connecting' ? peersOf(error) : ' before it had answered';
  return {
    class: 'connection',
    message: `${problem}${when}${code === 'UND_ERR_SOCKET' ? '' : ` (${code})`}`,
  };
}

/** For an answer that broke off behind its headers, which have said what counts: the status. */
export function brokenAnswerRemark(error: Error): string {
  const reason = parserReason(error);
  if (reason !== null && reason !== 'Invalid EOF state')
    return `the body of the answer is malformed (${reason})`;
  if (codeOf(error) === 'UND_ERR_HEADERS_OVERFLOW')
    return 'the trailers of the answer are larger than 16 KiB';
  return 'the connection broke off before the end of the answer';
}

/** For an answer whose headers were complete, and refused for what they say of its length. */
export const CONTRADICTORY_LENGTH_REMARK =
  'the rest of the answer was not read: its headers are not valid HTTP where they say how long it is';

/**
 * A Content-Length beside Transfer-Encoding, two of them, or one that no number holds. undici tells the first as a mismatch, like
 * everything else that is wrong behind a Content-Length.
 */
export function isAboutLength(error: Error): boolean {
  if (codeOf(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return true;
  return parserReason(error)?.includes('Content-Length') === true;
}

/** null when the error does not mean that the server sent something that is not HTTP. */
function malformedResponse(error: Error, code: string): string | null {
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'the headers of the response are larger than 16 KiB';
  const reason = parserReason(error);
  if (reason !== null) return `the response is not valid HTTP (${reason})`;
  if (code === 'UND_ERR_SOCKET' && error.message === 'bad upgrade') {
    return 'the server switched protocols (HTTP 101), which was not asked for';
  }
  if (code === 'UND_ERR_SOCKET' && error.message === 'bad response') {
    return 'the server sent something that does not answer the request';
  }
  return code === 'ERR_ASSERTION' ? 'the response is not valid HTTP' : null;
}

/** What undici's HTTP parser objected to, in its own fixed words: nothing of the response itself. */
function parserReason(error: Error): string | null {
  if (!(error instanceof errors.HTTPParserError)) return null;
  return /\((.+)\)$/.exec(error.message)?.[1] ?? 'unreadable';
}

/** Said by TLS itself, also after the handshake: with 1.3, a server looks at our certificate only then. */
export function isTlsError(error: Error): boolean {
  const code = codeOf(error);
  return code in TLS_PROBLEMS || code.startsWith('ERR_SSL_') || code.startsWith('CERT_');
}

/** Nothing came within the time that a look-up has: as good as a time-out. */
export function isSilence(error: Error): boolean {
  return isDnsError(error) && (isSilent(error) || isNoTurn(error));
}

function isDnsError(error: Error): boolean {
  return (error as NodeJS.ErrnoException).syscall === 'getaddrinfo';
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

/** ` by 192.0.2.1:443`, or every address where several were tried. */
function peersOf(error: Error): string {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const peers = errors
    .map((each) => each as { address?: string; port?: number })
    .filter(({ address }) => address !== undefined)
    .map(({ address = '', port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`);
  return peers.length === 0 ? '' : `: ${peers.join(', ')}`;
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
