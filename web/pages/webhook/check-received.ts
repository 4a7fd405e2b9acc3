/** Why a receiver's verification fails, worked out from what it got. All of it in this browser: secrets go nowhere. */
import type { Profile } from '../../api/types.ts';
import { serverNowMs } from '../../clock.ts';
import { shapeOf, type Shape } from './snippets/shape.ts';

export type Finding =
  | { kind: 'match'; secret: number; ageSeconds: number | null }
  | { kind: 'reserialised' | 'whitespace' | 'text-key'; secret: number }
  | { kind: 'no-header'; header: string }
  | { kind: 'none' };

export async function checkReceived(
  profile: Profile,
  headersText: string,
  body: string,
  secrets: string[],
): Promise<Finding> {
  const shape = shapeOf(profile);
  const headers = readHeaders(headersText);
  const written = headers.get(shape.signature);
  if (!written) return { kind: 'no-header', header: profile.headers.signature };
  const parts = written.split(',');
  const timestamp =
    shape.kind === 'timestamped'
      ? (parts.find((part) => part.startsWith('t=')) ?? '').slice(2)
      : (shape.timestamp && headers.get(shape.timestamp)) || '';
  const given = givenIn(shape, written, headers);
  const before = {
    standard: `${headers.get(shape.id) ?? ''}.${timestamp}.`,
    timestamped: `${timestamp}.`,
    body: '',
  }[shape.kind];
  const isSignedWith = async (key: Uint8Array<ArrayBuffer>, text: string) =>
    given.includes(await signatureOf(shape, key, before + text));

  for (const [index, secret] of secrets.entries()) {
    const found = { secret: index };
    const key = keyOf(secret.trim());
    if (await isSignedWith(key, body)) {
      const ageSeconds = /^\d+$/.test(timestamp)
        ? Math.round(serverNowMs() / 1000 - Number(timestamp))
        : null;
      return { kind: 'match', ...found, ageSeconds };
    }
    if (await isSignedWith(key, body.trim())) return { kind: 'whitespace', ...found };
    const again = compact(body);
    if (again !== null && (await isSignedWith(key, again))) return { kind: 'reserialised', ...found };
    if (isBase64(secret) && (await isSignedWith(utf8(secret.trim()), body)))
      return { kind: 'text-key', ...found };
  }
  return { kind: 'none' };
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

function readHeaders(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^\s*"?([\w-]+)"?\s*[:=]\s*(.*?),?\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value!.replace(/^["']|["']$/g, '')] as const];
  });
  return new Map(lines);
}

function givenIn({ kind, previous }: Shape, written: string, headers: Map<string, string>): string[] {
  if (kind === 'standard') return written.split(' ');
  if (kind === 'timestamped')
    return written
      .split(',')
      .filter((part) => part.startsWith('v1='))
      .map((part) => part.slice(3));
  return [written, (previous && headers.get(previous)) || ''];
}

/** Whatever the format: a secret of one's own may be of either kind. */
const isBase64 = (secret: string): boolean => secret.trim().startsWith('whsec_');

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  if (!isBase64(secret)) return utf8(secret);
  try {
    return Uint8Array.from(atob(secret.slice('whsec_'.length)), (char) => char.charCodeAt(0));
  } catch {
    return utf8(secret);
  }
}

async function signatureOf(
  { encoding, prefix }: Shape,
  bytes: Uint8Array<ArrayBuffer>,
  signed: string,
): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes.length > 0 ? bytes : utf8(' '), algorithm, false, [
    'sign',
  ]);
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(signed)));
  return prefix + (encoding === 'hex' ? hex(digest) : btoa(String.fromCharCode(...digest)));
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function compact(body: string): string | null {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return null;
  }
}
