/** What people write on a command line, read. Each throws InvalidArgumentError with what is expected. */
import { InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import { CliError, EXIT, usageError } from './exit.ts';
import { parseExact } from '../exact-json.ts';

export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };

export function positiveNumber(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A time as the API takes it: one that is written out, or so long ago (`90m`, `2h`, `7d`). */
export function time(text: string, nowMs: number = Date.now()): string {
  const ago = /^(\d{1,6})([smhdw])$/.exec(text);
  if (ago) return new Date(nowMs - Number(ago[1]) * UNIT_MS[ago[2]!]!).toISOString();
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError(
    'Expected a time (2026-05-17, 2026-05-17T08:00:00Z) or so long ago (30m, 2h, 7d).',
  );
}

/** For `argParser`, which gives more than the text. */
export const timeOption = (text: string): string => time(text);

/** The same for what is to come: `90d` is in ninety days. */
export function timeAhead(text: string): string {
  const ahead = /^(\d{1,6})([smhdw])$/.exec(text);
  if (!ahead) return time(text);
  return new Date(Date.now() + Number(ahead[1]) * UNIT_MS[ahead[2]!]!).toISOString();
}

/** `-`: stdin. */
export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new CliError(`${file === '-' ? 'stdin' : file} cannot be read: ${why}`, EXIT.usage);
  }
}

/** JSON with every digit of its numbers; `what` names it in the error. */
export function readJson(text: string, what: string): unknown {
  const value = parseExact(text);
  if (value !== undefined) return value;
  try {
    JSON.parse(text);
  } catch (error) {
    throw usageError(`${what} is not JSON: ${(error as Error).message}`);
  }
  return undefined;
}

/** An object: JSON as it stands there, `@file`, or `-` for stdin. */
export function readObject(given: string, what: string): Record<string, unknown> {
  const file = given === '-' ? '-' : given.startsWith('@') ? given.slice(1) : null;
  const value = readJson(file === null ? given : readText(file), file === null ? what : `${what} (${given})`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw usageError(`${what} must be a JSON object, such as '{"order": 7}'`);
}
