import type { Logger } from 'pino';
import { CHANNELS, isTrusted, type Listener } from '../store/listener.ts';
import type { EventTypeStore, KnownType } from '../store/event-types.ts';

/** The deployment's own types as this process knows them, by name and in the order of names. */
export interface KnownTypes {
  /** Null: they have to be looked at first. */
  peek(): ReadonlyMap<string, KnownType> | null;
  get(): Promise<ReadonlyMap<string, KnownType>>;
  /** For the process that has changed them: it sees its own change at once. */
  reload(): Promise<void>;
  stop(): void;
}

/** A notification may be lost with a connection that broke without a word: the count of changes is looked at, too. */
const POLL_MS = 900;

export function createKnownTypes(store: EventTypeStore, listener: Listener, log: Logger): KnownTypes {
  let types: Map<string, KnownType> | null = null;
  let revision = -1;
  let loadedAtMs = 0;
  /** Counts what makes a load that is under way too old. */
  let changes = 0;
  let loading: Promise<Map<string, KnownType>> | null = null;

  async function load(): Promise<Map<string, KnownType>> {
    for (;;) {
      const changesBefore = changes;
      const beganAtMs = performance.now();
      const loaded = await store.known();
      if (loaded.revision >= revision) ({ types, revision } = loaded);
      loadedAtMs = beganAtMs;
      if (changes === changesBefore) return types!;
    }
  }

  const loaded = (): Promise<Map<string, KnownType>> =>
    (loading ??= load().finally(() => {
      loading = null;
    }));

  /** What is known goes on being used meanwhile. */
  function changed(): void {
    changes += 1;
    loaded().catch((error: unknown) => {
      log.warn({ err: error }, 'the event types could not be loaded; it is tried again');
      types = null;
    });
  }
  listener.on(CHANNELS.eventTypes, changed);
  listener.onConnect(changed);

  async function poll(): Promise<void> {
    // Postgres is away: what is known is not trusted for long, and looked at when it is needed.
    const current = await store.revision().catch(() => null);
    if (current !== null && current !== revision) changed();
  }
  let polling = false;
  const timer = setInterval(() => {
    if (polling) return;
    polling = true;
    void poll().finally(() => {
      polling = false;
    });
  }, POLL_MS).unref();

  function peek(): Map<string, KnownType> | null {
    const isFresh = isTrusted(listener, loadedAtMs);
    return isFresh ? types : null;
  }

  return {
    peek,
    get: async () => peek() ?? loaded(),
    async reload() {
      changes += 1;
      await loaded();
    },
    stop: () => clearInterval(timer),
  };
}
