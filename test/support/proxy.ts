/** A TCP proxy in front of a server, which a test can cut and restore. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TestProxy {
  port: number;
  /** Ends all connections, and every new one at once. */
  cut(): void;
  restore(): void;
  stop(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    if (isCut) return void near.resetAndDestroy();
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      keep(from);
      from.pipe(to);
      from.once('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    restore: () => void (isCut = false),
    stop() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
