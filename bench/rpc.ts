/** Calls from the benchmark's main process into the processes it forks. Typed arrays travel as they are. */
import { fork } from 'node:child_process';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each process's own type says more
type Handlers = Record<string, (argument: any) => unknown>;

type Call = { id: number; method: string; argument: unknown };
type Answer = { id: number; result?: unknown; error?: string };

export type Remote<H> = {
  [K in keyof H]: H[K] extends (argument: infer A) => infer R
    ? unknown extends A
      ? () => Promise<Awaited<R>>
      : (argument: A) => Promise<Awaited<R>>
    : never;
};

export interface Forked<H> {
  pid: number;
  call: Remote<H>;
  stop(): void;
}

/** In the forked process: answers calls, and ends with its parent. */
export function serve(handlers: Handlers): void {
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches the whole process group; the parent decides when we end.
  process.on('SIGINT', () => {});
  process.on('message', (message) => {
    const { id, method, argument } = message as Call;
    void (async () => handlers[method]!(argument))().then(
      (result) => process.send!({ id, result } satisfies Answer),
      (error: unknown) =>
        process.send!({ id, error: (error as Error).stack ?? String(error) } satisfies Answer),
    );
  });
}

/** In the parent: starts `file` and gives its handlers as functions. */
export function forkService<H extends Handlers>(file: URL): Forked<H> {
  const child = fork(file, { serialization: 'advanced', execArgv: [] });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 1;
  child.on('message', (message) => {
    const { id, result, error } = message as Answer;
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (error !== undefined) waiter?.reject(new Error(error));
    else waiter?.resolve(result);
  });
  child.on('exit', (code, signal) => {
    const error = new Error(`${file.pathname.split('/').slice(-2).join('/')} ended (${signal ?? code})`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  const invoke = (method: string, argument: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      child.send({ id, method, argument } satisfies Call, (error) => {
        if (error) reject(error);
      });
    });
  const call = new Proxy({} as Remote<H>, {
    get: (_, method: string) => (argument: unknown) => invoke(method, argument),
  });
  return { pid: child.pid!, call, stop: () => void child.kill('SIGKILL') };
}
