import type { Request } from 'express';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parseTenant } from '../accept/event-input.ts';
import { Problem } from '../problem.ts';
import { isStorableTime, STORABLE_YEARS } from '../storable-time.ts';
import { fieldErrors } from '../validation.ts';

/** The body as the schema says, or a Problem that names each wrong field. */
export function readBody<S extends z.ZodType>(request: Request, schema: S): z.infer<S> {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem('malformed_request', 'The body must be a JSON object.');
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
  if (value.includes('\0')) throw new Problem('not_found', 'No id contains U+0000.');
  return value;
}

/** The `updated_at` that what is changed is to have; null: whatever it has. */
export function readIfMatch({ headers }: IncomingMessage): Date | null {
  const said = headers['if-match'];
  if (said === undefined || said === '*') return null;
  const at = new Date(/^"(\d{4}-\d\d-\d\dT[\d:.]{8,16}Z)"$/.exec(said)?.[1] ?? '');
  if (Number.isNaN(at.getTime()))
    throw Problem.field('If-Match', 'must be the "updated_at" that was read, in double quotes');
  return at;
}

export function readIdempotencyKey({ headers }: IncomingMessage): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw Problem.field('Idempotency-Key', 'must be 1 to 255 printable ASCII characters without spaces');
}

const TIME_ERROR =
  'must be an RFC 3339 time such as 2026-05-17T12:34:56Z, or a date such as 2026-05-17 (UTC)';

/** A date alone is its beginning. */
export const time = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: TIME_ERROR })
  // Then nobody looks at it as at a time.
  .refine(isStorableTime, { error: STORABLE_YEARS, abort: true })
  .transform((text) => new Date(text))
  .meta({ type: 'string', description: 'RFC 3339, or a date alone, which is its beginning in UTC.' });

/** Several of them, separated by commas. */
export const listOf = <T extends string>(values: readonly T[]) =>
  z
    .string()
    .meta(commaSeparated({ type: 'string', enum: [...values] }))
    .transform((text, context) =>
      text.split(',').map((part) => {
        if ((values as readonly string[]).includes(part)) return part as T;
        context.addIssue({ code: 'custom', message: `must be one or several of ${values.join(', ')}` });
        return z.NEVER;
      }),
    );

/** How the OpenAPI document describes such a parameter. */
export const commaSeparated = (items: object) => ({ type: 'array', items, minItems: 1 });

/** Deliveries a second, of a replay or a release. */
export const perSecond = z
  .number('must be a number')
  .min(0.01, 'must be at least 0.01')
  .max(10_000, 'must be at most 10000');

export const MAX_LIMIT = 200;
export const limit = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(MAX_LIMIT, `must be at most ${MAX_LIMIT}`)
  .default(50);

/** Cursors are opaque to callers: the id with which the last page ended. */
export function encodeCursor(id: string): string {
  return Buffer.from(JSON.stringify([id])).toString('base64url');
}

/** `kind`: of the ids in this list. */
export function decodeCursor(
  cursor: string | undefined,
  kind: 'dlv' | 'evt' | 'ep' | 'key' | 'aud' | 'ntc' | 'rpl',
): string | null {
  return decodePosition(cursor, new RegExp(`^${kind}_[0-9a-z]{1,64}$`));
}

/** `shape`: of the positions at which pages of this list end. */
export function decodePosition(cursor: string | undefined, shape: RegExp): string | null {
  if (cursor === undefined) return null;
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const [id] = Array.isArray(position) && position.length === 1 ? (position as unknown[]) : [];
    if (typeof id === 'string' && shape.test(id)) return id;
  } catch {
    // Not one of ours: said below.
  }
  throw Problem.field(
    'cursor',
    'is not a cursor of this list: pass the next_cursor of the previous page as it is',
  );
}

const MAX_PAGE_BYTES = 1 << 20;

/** One page, from one row more than the page holds. Of large rows it shows fewer. */
export function page<T, V>(rows: T[], size: number, view: (row: T) => V, idOf: (row: T) => string) {
  const data: V[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, size)) {
    if (bytes > MAX_PAGE_BYTES) break;
    const shown = view(row);
    data.push(shown);
    bytes += JSON.stringify(shown).length;
  }
  const more = rows.length > data.length;
  return { data, next_cursor: more ? encodeCursor(idOf(rows[data.length - 1]!)) : null };
}
