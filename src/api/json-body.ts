import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { isRawNumber, NumberTooLarge, parseJson } from '../json.ts';
import { Problem } from '../problem.ts';
import { pathText } from '../validation.ts';

/** Levels of arrays and objects. What reads and writes JSON goes down level by level, and takes its time for each. */
const MAX_DEPTH = 256;
/** Arrays and objects: millions of empty ones would take seconds, and a gigabyte. */
const MAX_CONTAINERS = 1_000_000;

/** Reads a body of JSON, whatever its content type says: `curl -d` sends a form's, and means JSON. */
export function jsonBody(limit: number): RequestHandler[] {
  const raw = express.raw({ limit, type: () => true });
  return [
    // What a GET brings means nothing, whatever it is.
    (request, response, next) =>
      request.method === 'GET' || request.method === 'HEAD' ? next() : void raw(request, response, next),
    (request, _response, next) => {
      if (Buffer.isBuffer(request.body)) request.body = readJson(request.body);
      next();
    },
  ];
}

/** Throws a Problem that says where it is wrong. No body at all is an empty object. */
export function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  if (!isUtf8(bytes)) throw malformed(`is not valid UTF-8 (at byte ${offsetOfInvalid(bytes)})`);
  checkShape(bytes);
  const text = bytes.toString('utf8');
  try {
    const value = parseJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return isRawNumber(value) ? Number(value.rawJSON) : value;
  } catch (error) {
    if (error instanceof NumberTooLarge) {
      throw Problem.field(
        pathText(error.path),
        'is too large a number: what reads JSON has none above 1.8e308',
      );
    }
    if (error instanceof RangeError) throw malformed(error.message);
    throw malformed(`is not a JSON object: ${(error as Error).message}`);
  }
}

const malformed = (what: string) => new Problem('malformed_request', `The body ${what}`);

/** Before anything is made of it: a scan of the bytes takes a millisecond per megabyte. */
function checkShape(bytes: Buffer): void {
  if (bytes.length <= MAX_DEPTH) return;
  let depth = 0;
  let containers = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22) at = endOfString(bytes, at);
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      containers += 1;
      if (depth > MAX_DEPTH) throw malformed(`is nested more than ${MAX_DEPTH} levels deep (at byte ${at})`);
      if (containers > MAX_CONTAINERS)
        throw malformed(`holds more than ${MAX_CONTAINERS} arrays and objects`);
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
}

/** Where the string that begins at `from` ends; at the end of the bytes if it does not. */
function endOfString(bytes: Buffer, from: number): number {
  let at = from + 1;
  for (; at < bytes.length && bytes[at] !== 0x22; at += 1) {
    if (bytes[at] === 0x5c) at += 1; // a backslash and what it escapes
  }
  return at;
}

function offsetOfInvalid(bytes: Buffer): number {
  const replaced = Buffer.from(bytes.toString('utf8'));
  let at = 0;
  while (bytes[at] === replaced[at]) at += 1;
  return at;
}
