import type { Logger } from 'pino';
import type { Acceptor } from '../accept/accept.ts';
import { OPERATIONS_TENANT } from '../events/operational.ts';
import { Problem } from '../problem.ts';
import { dropNews, takeNews, type PieceOfNews } from '../store/news.ts';
import type { Pool } from '../store/pool.ts';

const AT_ONCE = 500;
/** Should this process die meanwhile, another publishes them then: under the same ids, so nothing comes twice. */
const TAKEN_SECONDS = 30;

/** A pass that publishes news as events of the tenant "posthorn", and forgets what has been accepted. */
export function createNewsPublisher(
  db: Pool,
  acceptor: Pick<Acceptor, 'publish'>,
  log: Logger,
): () => Promise<void> {
  async function publish({ id, type, data, createdAt }: PieceOfNews): Promise<void> {
    const dataJson = JSON.stringify(data);
    const input = {
      id,
      type,
      dataJson,
      timestamp: createdAt,
      environment: 'production',
      prefix: '',
      orderingKey: null,
    } as const;
    try {
      await acceptor.publish(OPERATIONS_TENANT, input);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      log.warn({ err: error, id, type }, 'an operational webhook is not published');
    }
  }

  return async () => {
    for (let taken = AT_ONCE; taken === AT_ONCE;) {
      const news = await takeNews(db, AT_ONCE, TAKEN_SECONDS);
      taken = news.length;
      if (taken === 0) return;
      const results = await Promise.allSettled(news.map(publish));
      const done = news.filter((_, index) => results[index]!.status === 'fulfilled');
      await dropNews(
        db,
        done.map(({ position }) => position),
      );
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    }
  };
}
