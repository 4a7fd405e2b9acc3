import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from './names.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const TYPES = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
};

/** Which of ours the namespace lacks, and which it has with another type. */
export async function lookAtSearchAttributes(connection: NativeConnection, namespace: string) {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const all = Object.entries(SEARCH_ATTRIBUTES);
  return {
    missing: all.filter(([name]) => !customAttributes[name]),
    otherwise: all.filter(([name, type]) => customAttributes[name] && customAttributes[name] !== TYPES[type]),
  };
}

/** What an operator can run. */
export const createCommand = (namespace: string, missing: [name: string, type: string][]): string =>
  `temporal operator search-attribute create --namespace ${namespace} ` +
  missing.map(([name, type]) => `--name ${name} --type ${type}`).join(' ');

/** Registers what is missing in the namespace. Throws with the command to run where we may not do it ourselves. */
export async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { missing } = await lookAtSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (/already exists/i.test(String(error))) return;
    throw new Error(
      `Temporal's namespace "${namespace}" lacks search attributes and does not let us add them (${String(error)}). ` +
        `Have an operator run: ${createCommand(namespace, missing)}`,
      { cause: error },
    );
  }
}

/** How long histories stay after their workflows have ended. */
const RETENTION = '7 days';

/** For a namespace that has lost what it had. On our own server it is made anew, should it be missing altogether. */
export async function prepareNamespace(
  connection: NativeConnection,
  namespace: string,
  isOurs: boolean,
): Promise<void> {
  if (isOurs) {
    await connection.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(RETENTION) })
      .catch((error: unknown) => {
        if (!/already exists/i.test(String(error))) throw error;
      });
  }
  await ensureSearchAttributes(connection, namespace);
}
