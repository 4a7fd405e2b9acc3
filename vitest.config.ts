import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They wait for most of their time: begun last, each would run on alone. */
const LONGEST = [
  'faults/postgres-slow',
  'faults/partition',
  'faults/temporal-cut',
  'faults/replay',
  'faults/postgres-failover',
  'faults/temporal',
  'faults/roles',
  'faults/killed',
  'faults/postgres',
  'e2e/npm-start',
  'faults/stopped',
  'embedded',
  'faults/isolation',
  'e2e/docs-commands',
];

/** They measure rates: begun near the end, they run beside what is short. */
const LAST = ['integration/rate-limits', 'integration/lane-limits'];

/**
 * Three ask what Temporal's runtime counts and logs, or have it say nothing: it belongs to the first to use it in a process; one makes ids in a time
 * that has not come, and those after them in the same process are no older.
 */
const OWN_PROCESS = [
  'test/integration/{metrics,wedged,lost-answers}.test.ts',
  'test/workflows/replay.test.ts',
];

/** What waits and what is busy in turns, so that the machine is neither idle nor overrun; the shortest at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    let browsers = 0;
    const place = ({ moduleId, project }: TestSpecification): number => {
      // Those of a project together: what comes after another project's is a process of its own.
      if (project.name !== 'together') return project.name === 'alone' ? -2 : -1;
      const name = moduleId.slice(moduleId.lastIndexOf('/test/') + '/test/'.length, -'.test.ts'.length);
      if (LONGEST.includes(name)) return 2 * LONGEST.indexOf(name);
      if (name.startsWith('browser/')) return 2 * browsers++ + 1;
      if (LAST.includes(name)) return 1_001;
      return name.startsWith('unit/') ? 1_002 : 1_000;
    };
    const placed = (await super.sort(files)).map((file) => ({ file, at: place(file) }));
    return placed.toSorted((a, b) => a.at - b.at).map(({ file }) => file);
  }
}

function project(
  name: string,
  include: string[],
  { exclude = [], ...options }: { isolate: boolean; exclude?: string[] },
): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include,
      exclude,
      ...options,
      // Temporal's native runtime crashes in worker threads; forks are safe.
      pool: 'forks',
      // Node reads TypeScript by itself, in a fraction of the time, and runs what it read faster.
      experimental: { viteModuleRunner: false },
      // Limits for what hangs. Tests take a fraction of it, also on a machine that is busy with something else.
      testTimeout: 180_000,
      // A second try, which the report names: real servers, real time and two busy cores are too late once in some hundred tests.
      retry: 1,
      hookTimeout: 180_000,
      expect: { poll: { timeout: 30_000 } },
    },
  };
}

/** Which share of the machine nobody uses, in half a second. */
async function idleShare(): Promise<number> {
  const spent = () => {
    const times = cpus().map((cpu) => cpu.times);
    const idle = times.reduce((sum, time) => sum + time.idle, 0);
    return {
      idle,
      all: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle),
    };
  };
  const before = spent();
  await sleep(500);
  const after = spent();
  return (after.idle - before.idle) / (after.all - before.all);
}

export default defineConfig(async () => ({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // Half of a test's time it waits. With more, or beside something else, tests of time and rates are held up for seconds.
    maxWorkers: (await idleShare()) > 0.8 ? 3 : 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('alone', OWN_PROCESS, { isolate: true }),
      // One after the other in the same process, which need not load everything anew: two seconds for each file.
      project('workflows', ['test/workflows/**/*.test.ts'], { isolate: false, exclude: OWN_PROCESS }),
      project('together', ['test/{unit,integration,faults,e2e,browser}/**/*.test.ts', 'test/*.test.ts'], {
        isolate: false,
        exclude: OWN_PROCESS,
      }),
    ],
  },
}));
