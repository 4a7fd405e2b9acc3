import type { Response } from 'express';
import { createTenantSeats } from '../tenant-seats.ts';
import type { DeliveryPage, DeliveryPages, DeliveryQuery } from './delivery-page.ts';

/** How often a watched page is read again: once for all who watch the same, and never while nobody does. */
const READ_MS = 1_000;
const READ_AFTER_ERROR_MS = 5_000;
const HEARTBEAT_MS = 15_000;
/** A tenant's first finds room until all are taken, its twentieth while hardly any is. */
const STREAMS = { each: 20, all: 400, rate: null };
/** Who may not watch any more is let go as soon as others hear of it. */
const ASK_MS = 1_000;
/** Who reads more slowly than this is let go; a browser comes back by itself. */
const MAX_UNREAD_BYTES = 1 << 20;

export interface LiveDeliveries {
  /** Answers with the page as it changes, until the other side hangs up or is `stillAllowed` no more. */
  watch(
    tenantId: string,
    query: DeliveryQuery,
    response: Response,
    stillAllowed: () => Promise<boolean>,
  ): Promise<void>;
  stop(): void;
}

interface Watched {
  tenantId: string;
  watchers: Set<Response>;
  /** Id → the row as JSON, as it was sent last; newest first. */
  rows: Map<string, string>;
  timer?: NodeJS.Timeout;
}

export function createLiveDeliveries(pages: DeliveryPages): LiveDeliveries {
  const watched = new Map<string, Watched>();
  let stopped = false;

  /** Taken before anything is waited for: however many come at once, no more get in. */
  const takeSeat = createTenantSeats(STREAMS);

  async function readAgain(page: Watched, query: DeliveryQuery): Promise<void> {
    let pauseMs = READ_MS;
    try {
      const change = changeOf(page, await pages(page.tenantId, query));
      if (change) for (const response of page.watchers) send(response, change);
    } catch {
      // Postgres is away, or the list takes too long: those who watch keep what they have.
      pauseMs = READ_AFTER_ERROR_MS;
    }
    if (page.watchers.size > 0 && !stopped)
      page.timer = setTimeout(() => void readAgain(page, query), pauseMs);
  }

  async function open(key: string, tenantId: string, query: DeliveryQuery): Promise<Watched> {
    const known = watched.get(key);
    if (known) return known;
    // What is wrong with the query is answered before the stream begins.
    const first = await pages(tenantId, query);
    const page: Watched = watched.get(key) ?? { tenantId, watchers: new Set(), rows: new Map() };
    if (watched.has(key)) return page;
    changeOf(page, first);
    watched.set(key, page);
    page.timer = setTimeout(() => void readAgain(page, query), READ_MS);
    return page;
  }

  /** Nobody watches it any more? Then nobody reads it. */
  function leave(key: string, page: Watched): void {
    if (page.watchers.size > 0) return;
    clearTimeout(page.timer);
    watched.delete(key);
  }

  return {
    async watch(tenantId, query, response, stillAllowed) {
      const leaveSeat = takeSeat(tenantId);
      const key = JSON.stringify([tenantId, query]);
      const page = await open(key, tenantId, query).catch((error: unknown) => {
        leaveSeat();
        throw error;
      });
      if (response.destroyed) {
        leaveSeat();
        return leave(key, page);
      }
      page.watchers.add(response);
      const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
      const end = () => {
        page.watchers.delete(response);
        response.end();
      };
      // Where that cannot be asked, Postgres is away, and there is nothing to show either.
      const asking = setInterval(() => {
        stillAllowed().then(
          (isAllowed) => isAllowed || end(),
          () => {},
        );
      }, ASK_MS);
      response.on('close', () => {
        clearInterval(heartbeat);
        clearInterval(asking);
        page.watchers.delete(response);
        leaveSeat();
        leave(key, page);
      });
      response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      send(response, { data: [...page.rows.values()], gone: [] });
      if (stopped || response.req.method === 'HEAD') response.end();
    },

    stop() {
      stopped = true;
      for (const page of watched.values()) for (const response of page.watchers) response.end();
    },
  };
}

/** Rows as JSON, and ids of those that are no longer in the list though they would have their place in it. */
interface Change {
  data: string[];
  gone: string[];
}

/** What is new or different; null: nothing. */
function changeOf(page: Watched, { data }: DeliveryPage): Change | null {
  const rows = new Map(data.map((row) => [row.id, JSON.stringify(row)]));
  const changed = [...rows].filter(([id, row]) => page.rows.get(id) !== row).map(([, row]) => row);
  const lowest = data.at(-1)?.id ?? '';
  const gone = [...page.rows.keys()].filter((id) => !rows.has(id) && id > lowest);
  page.rows = rows;
  return changed.length + gone.length === 0 ? null : { data: changed, gone };
}

function send(response: Response, { data, gone }: Change): void {
  if (response.writableLength > MAX_UNREAD_BYTES) {
    response.destroy();
    return;
  }
  response.write(`event: deliveries\ndata: {"data":[${data.join(',')}],"gone":${JSON.stringify(gone)}}\n\n`);
}
