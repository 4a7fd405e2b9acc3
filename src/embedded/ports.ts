import { createServer } from 'node:net';

/** Whether this machine lets us listen on the port right now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return tryListen(port, host).then((listened) => listened !== null);
}

/**
 * A port to listen on: `preferred`, else the next free one above it, else any. 0 means any.
 * Says through `log` when it is not the preferred one.
 */
export async function pickPort(
  preferred: number,
  what: string,
  log: (line: string) => void,
): Promise<number> {
  const last = preferred === 0 ? -1 : Math.min(preferred + 100, 65_535);
  for (let port = preferred; port <= last; port += 1) {
    if (!(await isPortFree(port))) continue;
    if (port !== preferred) log(`Port ${preferred} is in use: ${what} listens on ${port} instead.`);
    return port;
  }
  const port = await tryListen(0, '127.0.0.1');
  if (port === null) throw new Error(`No port is free on 127.0.0.1 for ${what}.`);
  if (preferred !== 0) log(`Ports ${preferred} to ${last} are in use: ${what} listens on ${port} instead.`);
  return port;
}

function tryListen(port: number, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : null;
      server.close(() => resolve(bound));
    });
  });
}
