import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import { createCommand, lookAtSearchAttributes } from '../../temporal/search-attributes.ts';
import type { Report } from './report.ts';

const PATIENCE_MS = 5_000;
const WORKFLOW_TASKS = 1;

type Settings = Partial<ReturnType<typeof loadClientConnectConfig>>;

export async function checkTemporal(report: Report, address: string, config: Config): Promise<void> {
  // What the environment says of TLS, keys and namespace is about a server of one's own.
  const settings: Settings | null = config.temporalAddress === null ? {} : readSettings(report);
  if (!settings) return;
  const { connectionOptions, namespace = 'default' } = settings;
  let connection: NativeConnection;
  try {
    connection = await within(PATIENCE_MS, NativeConnection.connect({ ...connectionOptions, address }));
  } catch (error) {
    report.fail(
      'temporal',
      `${address} does not answer: ${(error as Error).message}`,
      'Are TEMPORAL_ADDRESS, TEMPORAL_TLS_… and TEMPORAL_API_KEY right, and is the server up and reachable from here?',
    );
    return;
  }
  try {
    report.ok('temporal', `answers at ${address}`);
    await connection.withDeadline(Date.now() + PATIENCE_MS, async () => {
      if (!(await checkNamespace(report, connection, namespace))) return;
      await checkAttributes(report, connection, namespace);
      await checkWorkers(report, connection, namespace, config.taskQueue);
    });
  } catch (error) {
    report.fail(
      'temporal',
      `does not do as it is asked: ${(error as Error).message}`,
      'May this client do that?',
    );
  } finally {
    await connection.close();
  }
}

function readSettings(report: Report): Settings | null {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    report.fail('temporal', (error as Error).message, 'Set TEMPORAL_… or its profile file right.');
    return null;
  }
}

async function checkNamespace(
  report: Report,
  { workflowService }: NativeConnection,
  namespace: string,
): Promise<boolean> {
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400;
    report.ok('temporal: namespace', `${namespace}, keeps histories for ${Math.round(days * 10) / 10} days`);
    return true;
  } catch (error) {
    report.fail(
      'temporal: namespace',
      `${namespace}: ${(error as Error).message}`,
      `Set TEMPORAL_NAMESPACE to one that is there, or make it: temporal operator namespace create --namespace ${namespace}`,
    );
    return false;
  }
}

async function checkAttributes(
  report: Report,
  connection: NativeConnection,
  namespace: string,
): Promise<void> {
  const check = 'temporal: attributes';
  const { missing, otherwise } = await lookAtSearchAttributes(connection, namespace);
  if (otherwise.length > 0)
    report.fail(
      check,
      `of another type than Posthorn's: ${otherwise.map(([name]) => name).join(', ')}`,
      `They must be ${otherwise.map(([name, type]) => `${name} ${type}`).join(', ')}: use a namespace of its own for Posthorn.`,
    );
  if (missing.length > 0)
    report.warn(
      check,
      `search attributes are missing: ${missing.map(([name]) => name).join(', ')}`,
      `The next start adds them where it may; else: ${createCommand(namespace, missing)}`,
    );
  if (missing.length + otherwise.length === 0) report.ok(check, 'all search attributes are there');
}

async function checkWorkers(
  report: Report,
  { workflowService }: NativeConnection,
  namespace: string,
  taskQueue: string,
): Promise<void> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_TASKS,
  });
  if (pollers.length > 0) report.ok('temporal: workers', `someone works on ${taskQueue}`);
  else
    report.warn(
      'temporal: workers',
      `nobody has worked on the task queue ${taskQueue} within the last minutes`,
      'Fine while Posthorn is not running; else: is a process with POSTHORN_ROLE=worker or all up, with the same POSTHORN_TASK_QUEUE?',
    );
}

/** Whatever comes later is closed again. */
async function within<T extends { close(): Promise<void> }>(ms: number, opening: Promise<T>): Promise<T> {
  const late = sleep(ms, null, { ref: false });
  const opened = await Promise.race([opening, late]);
  if (opened !== null) return opened;
  opening.then((one) => one.close()).catch(() => {});
  throw new Error(`nothing came within ${ms / 1000} s`);
}
