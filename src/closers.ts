import type { Logger } from 'pino';

/** By then what is under way has ended, or is left to the next start: a stop that takes longer is cut short. */
export const STOP_LIMIT_MS = 25_000;

/** What was started, to be ended in the reverse order: at a stop, and when a start fails half-way. */
export class Closers {
  readonly #log: Logger;
  readonly #closers: { what: string; close(): unknown }[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  push(what: string, close: () => unknown): void {
    this.#closers.push({ what, close });
  }

  /** Ends everything; what fails to end is logged and keeps nothing else from it. */
  async closeAll(): Promise<void> {
    for (const { what, close } of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        this.#log.error({ err: error }, `${what} could not be closed`);
      }
    }
  }
}
