import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/index.ts';
import { withExamples } from '../examples.ts';
import { does } from '../run.ts';

export function addDoctor(program: Command): void {
  const doctor = program
    .command('doctor')
    .summary('say what is wrong with a Posthorn and what it depends on')
    .description(
      'Look at settings, API, Postgres (schema, clock, locks), Temporal (namespace, search attributes, workers), the way\n' +
        'out, and, if asked, an endpoint. Each line is ok, warn or fail, and says what to do. Nothing is changed.',
    )
    .option(
      '--endpoint <url or id>',
      'whether this endpoint can be reached from here: name, connection, TLS, answer',
    )
    .option('--strict', 'fail for warnings, too')
    .action(
      does<DoctorOptions>(async (run) => {
        const { doctor: work } = await import('../doctor/index.ts');
        return work(run);
      }),
    );
  withExamples(
    doctor,
    ['doctor', 'with the settings of this shell'],
    ['doctor --endpoint https://hooks.example.com/posthorn', 'and whether that can be reached'],
    ['doctor --json', 'for a program: {well, ok, warn, fail, findings}'],
  );
}
