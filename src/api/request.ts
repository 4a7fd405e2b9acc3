import type { Request } from 'express';
import { z } from 'zod';
import { parseTenant } from '../accept/event-input.ts';
import { Problem } from '../problem.ts';
import { fieldErrors } from '../validation.ts';

/** The body as the schema says, or a Problem that names each wrong field. */
export function readBody<S extends z.ZodType>(request: Request, schema: S): z.infer<S> {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem(400, 'Malformed request', 'The body must be a JSON object.');
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw Problem.invalid(fieldErrors(parsed.error));
  return parsed.data;
}

export function readQuery<S extends z.ZodType>(request: Request, schema: S): z.infer<S> {
  for (const [name, value] of Object.entries(request.query)) {
    // Postgres has no text with it.
    if (String(value).includes('\0')) throw Problem.field(name, 'must not contain U+0000');
  }
  const parsed = schema.safeParse(request.query);
  if (!parsed.success) throw Problem.invalid(fieldErrors(parsed.error));
  return parsed.data;
}

export function readTenant(request: Request): string {
  return parseTenant(param(request, 'tenant'));
}

export function param(request: Request, name: string): string {
  const value = String(request.params[name]);
  if (value.includes('\0')) throw new Problem(404, 'Not found', 'No id contains U+0000.');
  return value;
}

export function readIdempotencyKey(request: Request): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw Problem.field('Idempotency-Key', 'must be 1 to 255 printable ASCII characters without spaces');
}

export const time = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-05-17T12:34:56Z' })
  .transform((text) => new Date(text));

export const limit = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(200, 'must be at most 200')
  .default(50);

/** Cursors are opaque to callers: where the last page ended. */
export function encodeCursor(position: string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

export function decodeCursor(cursor: string | undefined, parts: number): string[] | null {
  if (cursor === undefined) return null;
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const fits =
      Array.isArray(position) &&
      position.length === parts &&
      position.every((part) => typeof part === 'string' && !part.includes('\0'));
    if (fits) return position as string[];
  } catch {
    // Not one of ours: said below.
  }
  throw Problem.field(
    'cursor',
    'is not a cursor of this list: pass the next_cursor of the previous page as it is',
  );
}

/** One page, from one row more than the page holds. */
export function page<T, V>(rows: T[], size: number, view: (row: T) => V, position: (row: T) => string[]) {
  const data = rows.slice(0, size);
  const more = rows.length > size;
  return { data: data.map(view), next_cursor: more ? encodeCursor(position(data.at(-1)!)) : null };
}
