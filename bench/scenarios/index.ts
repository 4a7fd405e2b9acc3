import type { Outcome } from '../measure.ts';
import type { World } from '../world.ts';
import { backlog } from './backlog.ts';
import { crash, crashBacklog } from './crash.ts';
import { drain, fanOut, fifo, scale } from './drain.ts';
import { failing } from './failing.ts';
import { grown } from './grown.ts';
import { ingest, ingestApi } from './ingest.ts';
import { limited, limitedMany } from './limited.ts';
import { memory } from './memory.ts';
import { noisy } from './noisy.ts';
import { noisyMany } from './noisy-many.ts';
import { rate } from './rate.ts';
import { replay } from './replay.ts';
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
  backlog,
  replay,
  rate(50),
  rate(200),
  rate(500),
  fanOut,
  fifo(1),
  fifo(100),
  strict,
  failing,
  noisy,
  noisyMany,
  limited,
  limitedMany,
  crash,
  crashBacklog,
  scale(1),
  scale(2),
  memory,
  grown,
];

/** One of each kind: a minute or so in all. */
const QUICK = new Set([
  ...[
    'drain',
    'backlog',
    'rate-200',
    'fan-out',
    'fifo-1',
    'strict',
    'failing',
    'noisy',
    'noisy-many',
    'crash',
    'memory',
    'grown',
  ],
]);

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
