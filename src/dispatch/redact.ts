/**
 * Takes out of an answer what we had sent as a secret: receivers that echo requests are common. As good as it gets: a
 * secret that was shortened, or encoded or changed in some other way than those in unescaped.ts and encoded-secrets.ts, is not
 * known again.
 */
import type { Endpoint, HttpResult } from '../domain.ts';
import { statusError } from '../http/classify.ts';
import { MASK } from '../http/mask.ts';
import { KEPT_BYTES } from '../http/response-body.ts';
import { createEncodedFinder } from './encoded-secrets.ts';
import {
  createSecretFinder,
  patience,
  type Patience,
  type SecretFinder,
  type Span,
} from './secret-finder.ts';
import { hasEscapes, unescaped } from './unescaped.ts';

/** Shorter values (`1`, `true`, `webhook`) stand in answers for other reasons, and hide nothing. */
const SHORTEST_SECRET = 8;
/** Known to be a password, and no word or number (`hunter2`): a little less will do. */
const SHORTEST_PASSWORD = 6;
const NO_WORD = /^(?=.*[a-z])(?=.*[^a-z])/i;
/** `Token abc…`, `Token token="abc…"` */
const BEHIND_SCHEME = /^(?:[\w-]+[ =]+)+"?([^\s"=]+=*)"?$/;

interface Finders {
  literal: SecretFinder;
  encoded: SecretFinder;
}

/** Endpoints come from a cache: what to look for is put together once. */
const finders = new WeakMap<Endpoint, Finders | null>();

/** The result as it may be kept and shown: its headers, its body, and the error that cites them. */
export function redacted(endpoint: Endpoint, result: HttpResult): HttpResult {
  const find = findersFor(endpoint);
  if (result.statusCode === null || find === null) return result;
  const responseHeaders: Record<string, string> = {};
  const left = patience();
  for (const name in result.responseHeaders)
    responseHeaders[name] = withoutSecrets(result.responseHeaders[name]!, find, left);
  // A remark says why the body did not come to its end.
  const cut = result.remark !== null || result.responseBodyBytes > KEPT_BYTES;
  return {
    ...result,
    responseHeaders,
    responseBody: withoutSecrets(result.responseBody, find, left, cut),
    // It cites the Location header.
    error:
      result.error?.class === 'redirect'
        ? statusError(result.statusCode, responseHeaders['location'])
        : result.error,
  };
}

/** Nothing is left of what looks like the secrets in more places than can be compared. */
function withoutSecrets(text: string, find: Finders, left: Patience, cut = false): string {
  const asItIs = findAll(find, text, text, left, cut);
  const escaped = hasEscapes(text) ? findEscaped(find, text, left, cut) : [];
  if (asItIs === null || escaped === null) return MASK;
  const spans = [...asItIs, ...escaped];
  return spans.length === 0 ? text : masked(text, spans);
}

function findAll(find: Finders, plain: string, spaced: string, left: Patience, cut: boolean): Span[] | null {
  const literal = find.literal(plain, cut, left);
  const encoded = find.encoded(spaced, cut, left);
  return literal && encoded && [...literal, ...encoded];
}

function findEscaped(find: Finders, text: string, left: Patience, cut: boolean): Span[] | null {
  const { plain, spaced, starts, ends } = unescaped(text, cut);
  const spans = findAll(find, plain, spaced, left, cut);
  return (
    spans?.map(([start, end]) => [
      starts[start]!,
      // Behind the last character, half an escape may stand.
      cut && end === plain.length ? text.length : ends[end - 1]!,
    ]) ?? null
  );
}

function masked(text: string, spans: Span[]): string {
  let left = '';
  let read = 0;
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) {
    if (start >= read) left += text.slice(read, start) + MASK;
    read = Math.max(read, end);
  }
  return left + text.slice(read);
}

function findersFor(endpoint: Endpoint): Finders | null {
  let find = finders.get(endpoint);
  if (find === undefined) {
    const secrets = secretsOf(endpoint);
    const plain = secrets.map((secret) => unescaped(secret).plain);
    const literal = createSecretFinder([...secrets, ...plain]);
    find = secrets.length === 0 ? null : { literal, encoded: createEncodedFinder(secrets) };
    finders.set(endpoint, find);
  }
  return find;
}

function secretsOf({ auth, headers, secret, signingKey, previousSecrets }: Endpoint): string[] {
  const values = Object.values(headers);
  const signing = [secret ?? '', signingKey ?? '', ...previousSecrets.map((previous) => previous.secret)];
  const secrets = [
    ...values,
    ...values.map((value) => BEHIND_SCHEME.exec(value)?.[1] ?? ''),
    ...signing,
    ...signing.map((each) => each.replace(/^whsec_/, '')),
    auth?.type === 'bearer' ? auth.token : '',
  ].filter(({ length }) => length >= SHORTEST_SECRET);
  if (auth?.type === 'basic') {
    const credentials = `${auth.username}:${auth.password}`;
    secrets.push(credentials, Buffer.from(credentials, 'utf8').toString('base64'));
    if (isPassword(auth.password)) secrets.push(auth.password);
  }
  return secrets;
}

function isPassword(text: string): boolean {
  return text.length >= SHORTEST_SECRET || (text.length >= SHORTEST_PASSWORD && NO_WORD.test(text));
}
