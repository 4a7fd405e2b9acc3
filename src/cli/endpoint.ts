/** An endpoint as people are shown it. */
import type { Answer } from '../sdk/client/index.ts';
import { EXIT } from './exit.ts';
import { status, type Output } from './output.ts';

type Endpoint = Answer<'getEndpoint'>;

export const stateOf = ({ enabled, disabled_reason: why }: Endpoint) =>
  status(enabled ? 'enabled' : why && why !== 'manual' ? `disabled (${why})` : 'disabled');

/** `more`: shown last. */
export function showEndpoint(
  output: Output,
  endpoint: Endpoint,
  more: [string, string | null | undefined][] = [],
): typeof EXIT.ok {
  output.answer(endpoint, () => {
    const settings = Object.entries(endpoint).map(([name, value]): [string, string | null] => [
      name,
      textOf(value),
    ]);
    output.fields([...settings.filter(([name]) => !more.some(([one]) => one === name)), ...more]);
  });
  return EXIT.ok;
}

/** Empty ones are left out. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return String(value);
  if (Object.keys(value).length === 0) return null;
  const isFlat = Array.isArray(value) && value.every((one) => typeof one !== 'object');
  return isFlat ? value.join(', ') : JSON.stringify(value);
}
