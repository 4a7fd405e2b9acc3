/** How an operation of the API is described. document.ts makes OpenAPI of it. */
import { z } from 'zod';
import type { ProblemCode } from '../../problem.ts';

export const TAGS = {
  Tenants: 'Customers of yours. The first endpoint or event makes one.',
  Endpoints: 'Where deliveries go, and how.',
  Events: 'What is published.',
  Deliveries: 'One event on its way to one endpoint, and its attempts.',
  Replays: 'Sending again.',
  Statistics: 'What attempts came to.',
  Notifications: 'What people were told by e-mail, or why not.',
  'Event types': 'What events are called and look like. Of the deployment, not of a tenant.',
  Access: 'API keys, tokens for customers’ browsers, and the audit log.',
  Operators: 'For those who run Posthorn.',
} as const;

export interface Operation {
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/v1/tenants/{tenant}`. */
  path: string;
  tag: keyof typeof TAGS;
  summary: string;
  description?: string;
  /** Nobody is asked who they are. */
  open?: true;
  query?: z.ZodObject;
  /** It takes an Idempotency-Key. */
  repeatable?: true;
  /** It takes an If-Match. */
  conditional?: true;
  body?: z.ZodType;
  /** All of the body may be left out. */
  bodyOptional?: true;
  /** Of the body. A test sends it. */
  example?: object;
  answers: Record<number, Answer>;
  /** Beside those that any such operation may have. */
  problems?: ProblemCode[];
}

/** What every operation has. */
export const call = (
  id: string,
  method: Operation['method'],
  path: string,
  tag: Operation['tag'],
): Pick<Operation, 'id' | 'method' | 'path' | 'tag'> => ({ id, method, path, tag });

export interface Answer {
  description: string;
  /** Registered with {@link answer}; a content type: it is not JSON; nothing: there is no body. */
  content?: z.ZodType | string;
}

type Named = { id: string };
/** Bodies of requests, by the names under which components/schemas has them. */
export const requests = z.registry<Named>();
export const answers = z.registry<Named>();

/** Gives the schema a name of its own in the document. */
export function request<S extends z.ZodType>(id: string, schema: S): S {
  requests.add(schema, { id });
  return schema;
}

export function answer<S extends z.ZodType>(id: string, schema: S): S {
  answers.add(schema, { id });
  return schema;
}

/** A page of a list. */
export const pageOf = (id: string, row: z.ZodType) => answer(id, z.object({ data: z.array(row), ...cursor }));

export const cursor = {
  next_cursor: z
    .string()
    .nullable()
    .meta({ description: 'Pass it as `cursor` to get the next page. null: this was the last.' }),
};

export const at = z.string().meta({ format: 'date-time' });
export const count = z.int().min(0);
