/** An example of what a schema describes, in a thread of the sandbox: `minItems` alone may ask for a billion of something. */
import { sample } from 'openapi-sampler';
import { MAX_EXAMPLE_BYTES } from '../limits.ts';

/** JSON text of an object; null: the schema describes none, or one that is too large for an example. */
export function sampleOf(schema: string): string | null {
  const parsed = JSON.parse(schema) as object;
  const made = sample(parsed as never, { quiet: true }, parsed) as unknown;
  if (typeof made !== 'object' || made === null || Array.isArray(made)) return null;
  const text = JSON.stringify(made);
  return Buffer.byteLength(text) > MAX_EXAMPLE_BYTES ? null : text;
}
