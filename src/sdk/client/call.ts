/** Operations of the API, by their names in docs/openapi.json and with their types. */
import type { operations } from './api.ts';
import { send, type Limits, type Sender } from './http.ts';
import { createList, type List, type Page } from './list.ts';
import { OPERATIONS } from './operations.ts';

export type Operation = keyof operations;

/** Also a Date where the API takes a time. */
type WithDates<Query> = {
  [Name in keyof Query]: Name extends 'since' | 'until' | 'from' | 'to' ? Query[Name] | Date : Query[Name];
};

type Content<Given> = Given extends { content: { 'application/json': infer Body } }
  ? Body
  : Given extends { content: { 'text/plain': infer Text } }
    ? Text
    : undefined;

type Responses<O extends Operation> = operations[O]['responses'];
export type Answer<O extends Operation> = Content<
  Responses<O>[Extract<keyof Responses<O>, 200 | 201 | 202 | 204>]
>;
export type Body<O extends Operation> = operations[O] extends { requestBody?: infer Given }
  ? Content<NonNullable<Given>>
  : never;
export type Query<O extends Operation> = WithDates<NonNullable<operations[O]['parameters']['query']>>;
type Path<O extends Operation> = Omit<NonNullable<operations[O]['parameters']['path']>, 'tenant'>;

/** Operations that answer with a page of rows. */
type ListOperation = { [O in Operation]: Answer<O> extends Page<unknown> ? O : never }[Operation];
export type Row<O extends ListOperation> = Answer<O> extends Page<infer Each> ? Each : never;

export interface CallOptions extends Limits {
  /** Whose it is, if not the client's `tenant`. */
  tenant?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** For requests that make something. A repeated request with the same key makes nothing more. */
export interface KeyedOptions extends CallOptions {
  /** 1 to 255 visible ASCII characters. Without one, the client makes one, which is good for its own retries. */
  idempotencyKey?: string | undefined;
}

/** For changes of what others may be changing, too. */
export interface ConditionalOptions extends CallOptions {
  /** Its `updated_at`, as it was read: when it was changed since, nothing is done, and the call throws (`changed_meanwhile`). */
  ifUpdatedAt?: string | undefined;
}

interface Given<O extends Operation> {
  path?: Path<O>;
  query?: Query<O> | undefined;
  body?: Body<O> | undefined;
  idempotencyKey?: string | undefined;
  ifUpdatedAt?: string | undefined;
  /** Repeating it does no harm, though it is a POST without a key. */
  isRepeatable?: boolean;
  goneIsDone?: boolean;
  takes?: readonly number[];
  isText?: boolean;
}

export interface Calls {
  call<O extends Operation>(operation: O, given: Given<O>, options?: CallOptions): Promise<Answer<O>>;
  list<O extends ListOperation>(operation: O, query?: Query<O>, options?: CallOptions): List<Row<O>>;
}

export interface Target extends Sender, Limits {
  /** Without a slash at its end. */
  baseUrl: string;
  tenant: string | undefined;
}

export function createCalls({ baseUrl, tenant, ...target }: Target): Calls {
  const { timeoutSeconds, maxRetries, totalTimeoutSeconds } = target;
  const limits = defined({ timeoutSeconds, maxRetries, totalTimeoutSeconds });

  const call: Calls['call'] = async (operation, given, options = {}) => {
    const [method, template] = OPERATIONS[operation];
    const { tenant: other, signal, ...own } = options;
    const values = { tenant: other ?? tenant, ...given.path };
    const url = baseUrl + fill(template, values) + queryText(given.query);
    const { body, idempotencyKey, ifUpdatedAt, goneIsDone, takes, isText } = given;
    if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey))
      throw new TypeError('idempotencyKey must be 1 to 255 visible ASCII characters without spaces');
    const isRepeatable =
      given.isRepeatable ?? (['GET', 'PUT', 'DELETE'].includes(method) || idempotencyKey !== undefined);
    const said = { body, idempotencyKey, ifUpdatedAt };
    const request = { method, url, ...said, isRepeatable, goneIsDone, takes, isText };
    const answer = await send(target, request, { ...limits, ...defined(own), signal });
    return answer as Answer<typeof operation>;
  };

  const list: Calls['list'] = (operation, query, options) =>
    createList<Row<typeof operation>>(async (cursor) => {
      const asked = { ...query, ...(cursor === undefined ? {} : { cursor }) } as Query<typeof operation>;
      return (await call(operation, { query: asked }, options)) as Page<Row<typeof operation>>;
    });

  return { call, list };
}

/** An option that is there and undefined is one that is not there. */
const defined = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;

function fill(template: string, values: Record<string, string | undefined>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name];
    if (name === 'tenant' && value === undefined)
      throw new TypeError('Whose? Give `tenant` to createClient, or among the options of this call');
    // These would be another path: that of an endpoint would become that of all, or of the tenant.
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..')
      throw new TypeError(`${JSON.stringify(value)} cannot be the ${name} of anything`);
    return encodeURIComponent(value);
  });
}

function queryText(query: object | undefined): string {
  const parts = Object.entries(query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(valueText(value))}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

const valueText = (value: unknown): string =>
  Array.isArray(value) ? value.join(',') : value instanceof Date ? value.toISOString() : String(value);
