/** A template's body for an event, in a thread of the sandbox. */
import jsonata from 'jsonata';
import { LRUCache } from 'lru-cache';
import { isRawNumber } from '../../json.ts';
import type { RenderResult, TaskResults } from '../../sandbox/tasks.ts';
import type { Template } from '../template.ts';
import { discordBody } from './discord.ts';
import { readInput, type Input } from './input.ts';
import { slackBody } from './slack.ts';
import { teamsBody } from './teams.ts';

export const MAX_BODY_BYTES = 1 << 20;

type Expression = ReturnType<typeof jsonata>;
const compiled = new LRUCache<string, Expression>({
  max: 200,
  maxSize: 1 << 20,
  sizeCalculation: (_, text) => text.length,
});

/** Null: it can be carried out, as far as that can be told without an event. */
export function checkTemplate(template: Template): TaskResults['check-template'] {
  if (!('jsonata' in template)) return null;
  try {
    compile(template.jsonata);
    return null;
  } catch (error) {
    return inWords(template.jsonata, error);
  }
}

export async function renderTemplate(template: Template, input: string): Promise<RenderResult> {
  const read = readInput(input);
  try {
    const result =
      'jsonata' in template
        ? await orNever(compile(template.jsonata).evaluate(read))
        : presetBody(template, read);
    return written(result);
  } catch (error) {
    return {
      failure: inWords('jsonata' in template ? template.jsonata : '', error),
      isLimit: isLimit(error),
    };
  }
}

class Never extends Error {}

/**
 * A template waits for nothing outside, so all there is to do is done before other events have their turn. What is not
 * settled then never is (an object that says it is a promise), and would keep the thread without using it.
 */
function orNever<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    setImmediate(() => reject(new Never('it waits for what never comes')));
  });
}

function compile(text: string): Expression {
  let expression = compiled.get(text);
  if (expression) return expression;
  expression = jsonata(text);
  // Its own goes by way of JSON, and would round numbers.
  expression.registerFunction('clone', copyOf);
  keepFunctionsUnchanged(expression);
  compiled.set(text, expression);
  return expression;
}

/** As far as it is needed here. */
interface AstNode {
  type: string;
  pattern?: AstNode;
}

/**
 * A transform (`~> |pattern|update|`) writes into whatever its pattern finds, and a function is an object: what it changes
 * in `$string` would be there for all templates of this thread, of other tenants too. So a pattern that finds a function
 * fails. Asked of every step that is evaluated, since `$eval` and calls of what looks like a function bring their own
 * steps along; under symbols, which no template can bind.
 */
function keepFunctionsUnchanged(expression: Expression): void {
  const patterns = new WeakSet<object>();
  const hook = (name: string, called: (...parts: never[]) => void) =>
    expression.assign(Symbol.for(`jsonata.${name}`) as unknown as string, called);
  hook('__evaluate_entry', ({ type, pattern }: AstNode) => {
    if (type === 'transform' && typeof pattern === 'object') patterns.add(pattern);
  });
  hook('__evaluate_exit', (node: AstNode, _input: never, _environment: never, found: unknown) => {
    if (patterns.has(node) && [found].flat().some(isFunction))
      throw new TypeError('a transform can change what the event has, but no function');
  });
}

const isFunction = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' &&
    value !== null &&
    ('_jsonata_function' in value || '_jsonata_lambda' in value));

function presetBody(template: Exclude<Template, { jsonata: string }>, input: Input): object {
  switch (template.preset) {
    case 'slack':
      return slackBody(template, input);
    case 'discord':
      return discordBody(template, input);
    case 'teams':
      return teamsBody(template, input);
  }
}

function written(result: unknown): RenderResult {
  if (result === undefined) return { failure: 'it makes nothing of this event', isLimit: false };
  if (isFunction(result)) return { failure: 'it makes a function, which is no JSON', isLimit: false };
  const body = JSON.stringify(result);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES)
    return {
      failure: `it makes ${bytes} bytes of this event; at most ${MAX_BODY_BYTES} are sent`,
      isLimit: true,
    };
  return { body };
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copyOf(member)]));
}

/** Of JavaScript: calls within calls, or a text or list that is too long. Of JSONata: a list that is too long. */
const isLimit = (error: unknown): boolean =>
  error instanceof RangeError ||
  error instanceof Never ||
  /call stack|Invalid (?:string|array) length/i.test(String((error as Error).message)) ||
  ['D2014', 'D3139', 'U1001'].includes((error as { code?: string }).code ?? '');

const AROUND_CHARS = 20;

/** `Expected ")" before end of expression (at character 17, after "…data.subject")`. */
function inWords(text: string, error: unknown): string {
  if (error instanceof RangeError && /call stack/i.test(error.message)) return 'it calls itself too deeply';
  const { message, position } = error as { message?: string; position?: number };
  const what = String(message ?? error).slice(0, 500);
  if (position === undefined || text === '') return what;
  const before = text.slice(Math.max(0, position - AROUND_CHARS), position);
  const lines = text.slice(0, position).split('\n');
  const line = lines.length > 1 ? `line ${lines.length}, ` : '';
  return `${what} (${line}character ${lines.at(-1)!.length}, after ${JSON.stringify(before)})`;
}
