/** What our receivers read of a request: that of development, and that of `posthorn listen`. */
import type { IncomingMessage } from 'node:http';

/** Twice what an event may have. */
export const BODY_LIMIT_BYTES = 2 * 1024 * 1024;

/** Null: it is longer than that. It is read to its end all the same, so that the sender gets our answer. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return length > BODY_LIMIT_BYTES ? null : Buffer.concat(chunks);
}
