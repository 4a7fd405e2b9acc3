import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from './names.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const TYPES = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
};

/** Registers what is missing in the namespace. Throws with the command to run where we may not do it ourselves. */
export async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const present = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !present.customAttributes[name]);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (/already exists/i.test(String(error))) return;
    const flags = missing.map(([name, type]) => `--name ${name} --type ${type}`).join(' ');
    throw new Error(
      `Temporal's namespace "${namespace}" lacks search attributes and does not let us add them (${String(error)}). ` +
        `Have an operator run: temporal operator search-attribute create --namespace ${namespace} ${flags}`,
      { cause: error },
    );
  }
}
