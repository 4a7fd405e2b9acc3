/** A TCP proxy in front of a server, which a test can cut and restore, hold and release. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TestProxy {
  port: number;
  /** Connections there have been so far. */
  accepted(): number;
  /** Ends all connections, and every new one at once. */
  cut(): void;
  restore(): void;
  /** What clients say waits here until they are let speak again; what the server says goes on. */
  hold(): void;
  /** The other way round: clients are heard, and what the server says waits. */
  mute(): void;
  release(): void;
  stop(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const links = new Map<Socket, Socket>();
  let isCut = false;
  let isHeld = false;
  let isMute = false;
  let accepted = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    if (isCut) return void near.resetAndDestroy();
    accepted += 1;
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      keep(from);
      from.once('close', () => to.destroy());
    }
    links.set(near, far);
    near.once('close', () => links.delete(near));
    if (!isMute) far.pipe(near);
    if (!isHeld) near.pipe(far);
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
    accepted: () => accepted,
    hold() {
      isHeld = true;
      for (const [near, far] of links) near.unpipe(far);
    },
    mute() {
      isMute = true;
      for (const [near, far] of links) far.unpipe(near);
    },
    release() {
      for (const [near, far] of links) {
        if (isHeld) near.pipe(far);
        if (isMute) far.pipe(near);
      }
      isHeld = isMute = false;
    },
    stop() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
