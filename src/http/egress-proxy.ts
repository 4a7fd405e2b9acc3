/** Leaving by one door: a proxy that opens a tunnel (CONNECT) for every connection. */
import { connect, type Socket } from 'node:net';

export interface EgressProxy {
  host: string;
  port: number;
  /** What Proxy-Authorization says. */
  authorization: string | null;
  /** It looks names up itself: then nobody here can say which address a name leads to. */
  resolves: boolean;
}

/** The proxy is away, or does not do as it was asked. The message is for whoever reads the attempt's log. */
export class EgressProxyError extends Error {
  override name = 'EgressProxyError';
}

const MAX_HEAD_BYTES = 8 << 10;
const END_OF_HEAD = '\r\n\r\n';

/** `http://user:password@host:port` */
export function parseEgressProxy(url: string, resolves: boolean): EgressProxy {
  const { hostname, port, username, password } = new URL(url);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || 80,
    authorization: username === '' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`,
    resolves,
  };
}

/**
 * Connects to the proxy at once, and has it open a tunnel to what `chosen` comes to (`192.0.2.1:443`, `[2001:db8::1]:443`,
 * or a name). `done` is called once; not at all after the socket has been destroyed without an error.
 */
export function openTunnel(
  proxy: EgressProxy,
  chosen: Promise<string>,
  done: (error: Error | null, tunnel: Socket | null) => void,
): Socket {
  const socket = connect({ host: proxy.host, port: proxy.port, noDelay: true });
  let isOver = false;
  function end(error: Error | null): void {
    if (isOver) return;
    isOver = true;
    socket.off('error', onError).off('end', onEnd).off('data', onData);
    if (error === null) {
      socket.pause();
      return done(null, socket);
    }
    socket.on('error', () => {}).destroy();
    done(error, null);
  }
  const fail = (message: string) => end(new EgressProxyError(message));
  const onError = ({ code }: NodeJS.ErrnoException) => fail(`the egress proxy cannot be reached (${code})`);
  const onEnd = () => fail('the egress proxy closed the connection');
  let head = '';
  function onData(chunk: Buffer): void {
    head += chunk.toString('latin1');
    const at = head.indexOf(END_OF_HEAD);
    if (at === -1)
      return void (head.length > MAX_HEAD_BYTES && fail('the egress proxy answers something else than HTTP'));
    const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(head) ?? [];
    // Whoever is behind the tunnel speaks only when spoken to.
    if (head.length > at + END_OF_HEAD.length) fail('the egress proxy sent more than its answer');
    else if (status?.startsWith('2')) end(null);
    else if (status === '407') fail('the egress proxy asks for other credentials (HTTP 407)');
    else fail(`the egress proxy did not open a tunnel (HTTP ${status ?? 'without a status'})`);
  }
  socket.on('error', onError).on('end', onEnd).on('data', onData);
  const connected = new Promise<void>((resolve) => socket.once('connect', resolve));
  Promise.all([chosen, connected]).then(
    ([authority]) => {
      if (isOver || socket.destroyed) return;
      const authorization =
        proxy.authorization === null ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
    },
    (error: Error) => end(error),
  );
  return socket;
}
