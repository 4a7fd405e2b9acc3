/**
 * Histories of deliveries as they were made, against the workflows as they are now: what fails here would fail for
 * every delivery that is waiting when the new version is deployed. See test/fixtures/histories/README.md.
 */
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';

const folder = fileURLToPath(new URL('../fixtures/histories/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.json'));
const textOf = (file: string) => readFileSync(folder + file, 'utf8');

const bundle = () => ({ codePath: inject('workflowBundlePath') });

async function replay(
  text: string,
  workflowBundle: { codePath: string } | { code: string } = bundle(),
): Promise<void> {
  const history: unknown = historyFromJSON(JSON.parse(text));
  await Worker.runReplayHistory({ workflowBundle }, history);
}

/** The error with which the replay ends, if it does. */
const faultOf = (...args: Parameters<typeof replay>): Promise<unknown> =>
  replay(...args).then(
    () => null,
    (error: unknown) => error,
  );

beforeAll(() => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
});

describe('the workflows as they are now replay', () => {
  it('every kind of delivery', () => {
    const names = files.filter((file) => dirname(file) === 'v1').map((file) => file.slice(3, -5));
    expect(names.sort()).toEqual([
      'cancelled-by-signal',
      'cancelled-workflow',
      'exhausted',
      'lane',
      'publish-event',
      'publish-event-invalid',
      'resend-after-end',
      'retry-by-hand',
      'set-mixed',
      'set-succeeded',
      'single-success',
      'single-success-strict',
    ]);
  });

  it.each(files)('%s', async (file) => {
    await replay(textOf(file));
  });
});

describe('a change that deliveries under way would not survive is caught:', () => {
  it.each([
    ['the first attempt as a normal activity', 'local.attempt.execute', 'remote.attempt.execute'],
    ['an activity more', 'endCancelled(flight,rounds)', 'rounds.noteCancelled([])'],
    ['nothing noted at the end', 'values.length>0', 'values.length>99'],
  ])('%s', async (_, from, to) => {
    const code = readFileSync(bundle().codePath, 'utf8');
    expect(code).toContain(from);
    const fault = await faultOf(textOf('v1/exhausted.json'), { code: code.replaceAll(from, to) });
    expect(fault).toBeInstanceOf(DeterminismViolationError);
  });

  it('a history of something that these workflows never do', async () => {
    const text = textOf('v1/exhausted.json');
    expect(text).toContain('"name": "attempt"');
    const fault = await faultOf(text.replaceAll('"name": "attempt"', '"name": "attemptTwice"'));
    expect(fault).toBeInstanceOf(DeterminismViolationError);
  });
});

it('a recorded history holds nothing of the machine it was made on, and no payload', () => {
  for (const file of files) {
    const decoded = textOf(file).replace(/"data": "([A-Za-z0-9+/=]+)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString('utf8'),
    );
    expect(decoded).not.toMatch(/\d+@\w|\/(work|home|root|tmp|Users)\/|whsec_|stackTrace": ".+"/);
  }
});
