import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Problem } from '../problem.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets through who presents the key as `Authorization: Bearer KEY`. */
export function requireApiKey(apiKey: string): RequestHandler {
  const expected = digest(apiKey);
  return (request, _response, next) => {
    const header = request.headers.authorization;
    if (header === undefined || !header.startsWith('Bearer ')) {
      return next(new Problem(401, 'Unauthorized', 'Send your API key as "Authorization: Bearer KEY".'));
    }
    const same = timingSafeEqual(digest(header.slice(7)), expected);
    next(same ? undefined : new Problem(401, 'Unauthorized', 'This API key is not valid.'));
  };
}
