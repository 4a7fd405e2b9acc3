import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They wait for time-outs for most of their time: begun last, each would run on alone. */
const LONGEST = [
  'faults/temporal-cut',
  'faults/partition',
  'faults/postgres-slow',
  'faults/postgres-failover',
  'faults/roles',
  'faults/killed',
  'faults/replay',
  'faults/temporal',
  'e2e/docs-commands',
  'workflows/long-lives',
  'workflows/signals-between-runs',
];

/** They measure rates: begun last, they run beside what is short. */
const LAST = ['integration/rate-limits', 'integration/lane-limits'];

/**
 * Three ask what Temporal's runtime counts and logs, or have it say nothing: it belongs to the first to use it in a process; one makes ids in a time
 * that has not come, and those after them in the same process are no older.
 */
const OWN_PROCESS = [
  'test/integration/{metrics,wedged,lost-answers}.test.ts',
  'test/workflows/replay.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const isOf = (name: string) => moduleId.endsWith(`test/${name}.test.ts`);
      if (LAST.some(isOf)) return LONGEST.length + 1;
      const index = LONGEST.findIndex(isOf);
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
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
    },
  };
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // As many as cores: with more, tests of time and rates are held up for seconds.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('alone', ['test/{browser,e2e,faults}/**/*.test.ts', 'test/embedded.test.ts', ...OWN_PROCESS], {
        isolate: true,
      }),
      // One after the other in the same process, which need not load everything anew: two seconds for each file.
      project('workflows', ['test/workflows/**/*.test.ts'], { isolate: false, exclude: OWN_PROCESS }),
      project('together', ['test/{unit,integration}/**/*.test.ts', 'test/first.test.ts'], {
        isolate: false,
        exclude: OWN_PROCESS,
      }),
    ],
  },
});
