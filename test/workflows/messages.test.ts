/** Whatever is sent to a workflow: it is done where it makes sense, else refused in words, and nothing is wedged. */
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelUpdate, retryUpdate, stateQuery, type MemberState } from '../../workflows/messages.ts';
import { eventually } from '../support/delays.ts';
import { fixedSchedule, startVirtualTime, type Flight, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime()));
afterAll(() => time.stop());

interface Metadata {
  currentDetails: string;
  definition: Record<string, { name: string; description: string }[]>;
}
const metadata = (flight: Flight) => flight.handle.query<Metadata>('__temporal_workflow_metadata');
const details = async (flight: Flight) => (await metadata(flight)).currentDetails;
const signal = (flight: Flight, name: string, ...args: unknown[]) =>
  flight.handle.signal<unknown[]>(name, ...args);

/** For names and arguments that the workflow does not know of. */
const untyped = (flight: Flight) => time.env.client.workflow.getHandle(flight.id);

/** One delivery, or several, that failed and are due in an hour. */
async function waiting(...ids: string[]): Promise<Flight> {
  const flight = await time.deliver({
    schedule: fixedSchedule(1, 3600),
    answer: ({ number }) => (number === 1 ? 500 : 200),
    ...(ids.length > 0 && { input: { deliveries: { e1: ids } } }),
  });
  await eventually(() => expect(flight.made).toHaveLength(Math.max(1, ids.length)));
  return flight;
}

describe('retryNow of the one delivery that a workflow carries', () => {
  it.each<[string, (id: string) => unknown[]]>([
    ['nothing', () => []],
    ['null', () => [null]],
    ['an empty object', () => [{}]],
    ['the id alone', (id) => [id]],
    ['fields of a later version', (id) => [{ deliveryId: id, urgency: 'high', after: null }]],
    ['an "after" that is no count', (id) => [{ deliveryId: id, after: 1e308 }]],
    ['more than one argument', (id) => [{ deliveryId: id }, 'please']],
  ])('takes %s', async (_, args) => {
    const flight = await waiting();
    await signal(flight, 'retryNow', ...args(flight.id));
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expect(flight.made).toMatchObject([{ number: 1 }, { number: 2, manual: true }]);
  });
});

describe('a signal that makes no sense', () => {
  it.each<[string, string, unknown[]]>([
    ['a number', 'retryNow', [42]],
    ['a list', 'retryNow', [['d1']]],
    ['an id that is none', 'retryNow', [{ deliveryId: { $ne: null } }]],
    ['an unknown id', 'cancelDelivery', [{ deliveryId: 'dlv_of_somebody_else' }]],
    ['true', 'cancelDelivery', [true]],
    ['no list of ids', 'cancelDeliveries', [{ deliveryIds: 'd1' }]],
    ['ids that are none', 'cancelDeliveries', [[1]]],
    ['a name that there is not', 'retrynow', [{ deliveryId: 'd1' }]],
    ['a name that Temporal reserves', '__temporal_nonsense', []],
  ])('(%s) is refused in words and does no harm', async (_, name, args) => {
    const flight = await waiting();
    await signal(flight, name, ...args);
    await eventually(async () => expect(await details(flight)).toContain('was refused'));
    expect(flight.made).toHaveLength(1);
    await signal(flight, 'retryNow');
    expect(await flight.end()).toEqual({ succeeded: 1 });
  });

  it('(an encoding that nobody here can read) is refused, too', async () => {
    const flight = await waiting();
    const strange = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('?') };
    await time.env.connection.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: flight.id },
      signalName: 'retryNow',
      input: { payloads: [strange] },
    });
    await eventually(async () => expect(await details(flight)).toContain('was refused'));
    await signal(flight, 'retryNow');
    expect(await flight.end()).toEqual({ succeeded: 1 });
  });

  it('(no id, with several deliveries) is refused, and concerns none of them', async () => {
    const flight = await waiting('one', 'two');
    await signal(flight, 'retryNow');
    await signal(flight, 'cancelDelivery', {});
    await eventually(async () =>
      expect(await details(flight)).toContain('names no delivery, and 2 are carried'),
    );
    expect(flight.made).toHaveLength(2);
    await signal(flight, 'cancelDelivery', 'two');
    await signal(flight, 'retryNow', { deliveryId: 'one' });
    expect(await flight.end()).toEqual({ succeeded: 1, cancelled: 1 });
  });

  it('(ids of others among those it carries) cancels those it carries', async () => {
    const flight = await waiting('one', 'two', 'three');
    await signal(flight, 'cancelDeliveries', { deliveryIds: ['one', 'dlv_of_somebody_else', 'three'] });
    await signal(flight, 'retryNow', { deliveryId: 'two' });
    expect(await flight.end()).toEqual({ succeeded: 1, cancelled: 2 });
  });

  it('leaves the last few refusals in the details, however many there are', async () => {
    const flight = await waiting();
    for (let i = 0; i < 30; i += 1) await signal(flight, `nonsense-${i}`);
    await eventually(async () => expect(await details(flight)).toContain('nonsense-29'));
    expect((await details(flight)).match(/was refused/g)!.length).toBeLessThanOrEqual(5);
    await signal(flight, 'retryNow');
    expect(await flight.end()).toEqual({ succeeded: 1 });
  });
});

describe('an update', () => {
  it('does what the signal does, and says so', async () => {
    const flight = await waiting('one', 'two');
    expect(
      await untyped(flight).executeUpdate(retryUpdate.name, {
        args: [{ deliveryId: 'one' }] as unknown as [],
      }),
    ).toBe('Attempt 2 is made now.');
    expect(
      await untyped(flight).executeUpdate(cancelUpdate.name, {
        args: [{ deliveryId: 'two' }] as unknown as [],
      }),
    ).toBe('Cancelled.');
    expect(await flight.end()).toEqual({ succeeded: 1, cancelled: 1 });
  });

  it.each<[string, unknown[]]>([
    ['no id', []],
    ['an unknown id', [{ deliveryId: 'three' }]],
    ['a number', [7]],
  ])('that makes no sense (%s) is refused in words, and leaves no trace', async (_, args) => {
    const flight = await waiting('one', 'two');
    const error: unknown = await untyped(flight)
      .executeUpdate('retryNow', { args: args as [] })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((error as WorkflowUpdateFailedError).cause!.message).toMatch(/^Refused: /);
    expect(flight.made).toHaveLength(2);
    expect(await flight.end()).toEqual({ succeeded: 2 });
  });
});

describe('a query', () => {
  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['a number', [1]],
    ['what nobody asked for', [{ deliveryId: 'x' }, null]],
  ])('answers, given %s', async (_, args) => {
    const flight = await waiting();
    expect(await untyped(flight).query<MemberState[], unknown[]>(stateQuery.name, ...args)).toMatchObject([
      { id: flight.id, status: 'waiting', attempts: 1 },
    ]);
    expect(await flight.end()).toEqual({ succeeded: 1 });
  });

  it('for the metadata tells what each message is for', async () => {
    const flight = await waiting();
    const { definition } = await metadata(flight);
    for (const kind of ['signalDefinitions', 'updateDefinitions']) {
      const described = new Map(definition[kind]!.map(({ name, description }) => [name, description]));
      expect(described.get('retryNow')).toMatch(/^Attempt now/);
      expect(described.get('cancelDelivery')).toMatch(/^Make no further attempt/);
    }
    expect(definition.signalDefinitions).toContainEqual(
      expect.objectContaining({
        name: 'cancelDeliveries',
        description: expect.stringMatching(/^Make no further attempt/) as string,
      }),
    );
    expect(definition.queryDefinitions).toContainEqual(
      expect.objectContaining({ name: 'state', description: expect.stringMatching(/attempts/) as string }),
    );
    expect(await flight.end()).toEqual({ succeeded: 1 });
  });
});

describe('an input that makes no sense', () => {
  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['null', [null]],
    ['an id', ['dlv_1']],
    ['ids that are none', [{ deliveries: { e1: [1] } }]],
    ['progress that is none', [{ deliveries: { e1: ['d'] }, progress: { d: { attempts: 'many' } } }]],
    [
      'a time that is none',
      [{ deliveries: { e1: ['d'] }, progress: { d: { attempts: 1, scheduled: 1, dueAtMs: 1e300 } } }],
    ],
  ])('(%s) fails the workflow at once and says what it takes', async (name, args) => {
    const workflowId = `nonsense-${name}`;
    const options = { taskQueue: time.taskQueue, workflowId, args };
    const error: unknown = await time.env.client.workflow
      .execute('delivery', options)
      .catch((e: unknown) => e);
    const failure = (error as WorkflowFailedError).cause as ApplicationFailure;
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toContain('"deliveries"');
  });
});
