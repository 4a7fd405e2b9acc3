import type { Outcome } from '../measure.ts';
import type { World } from '../world.ts';
import { crash, crashBacklog } from './crash.ts';
import { drain, fanOut, scale } from './drain.ts';
import { failing } from './failing.ts';
import { ingest, ingestApi } from './ingest.ts';
import { memory } from './memory.ts';
import { noisy } from './noisy.ts';
import { rate } from './rate.ts';
import { strict } from './strict.ts';

export interface Scenario {
  name: string;
  about: string;
  run(world: World): Promise<Outcome>;
}

export const SCENARIOS: Scenario[] = [
  ingest,
  ingestApi,
  drain,
  rate(50),
  rate(200),
  rate(500),
  fanOut,
  strict,
  failing,
  noisy,
  crash,
  crashBacklog,
  scale(1),
  scale(2),
  memory,
];

/** One of each kind: a minute or so in all. */
const QUICK = new Set(['drain', 'rate-200', 'fan-out', 'strict', 'failing', 'noisy', 'crash', 'memory']);

/** By name; `rate` and `scale` stand for all of theirs, and no name for everything (quick: one of each kind). */
export function chooseScenarios(names: string[], quick: boolean): Scenario[] {
  if (names.length === 0) return quick ? SCENARIOS.filter(({ name }) => QUICK.has(name)) : SCENARIOS;
  return names.flatMap((name) => {
    const exact = SCENARIOS.filter((scenario) => scenario.name === name);
    const found =
      exact.length > 0 ? exact : SCENARIOS.filter((scenario) => scenario.name.startsWith(`${name}-`));
    if (found.length === 0) {
      throw new Error(
        `There is no scenario "${name}". There are: ${SCENARIOS.map((one) => one.name).join(', ')}.`,
      );
    }
    return found;
  });
}
