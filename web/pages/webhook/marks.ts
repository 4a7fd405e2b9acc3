import type { Schemas } from '../../api/client.ts';
import { words } from '../../words/index.ts';

/** What was changed about a webhook, as marks on its charts. */
export interface Mark {
  atSeconds: number;
  text: string;
}

export function marksOf(entries: readonly Schemas['AuditEntry'][]): Mark[] {
  return entries
    .filter(({ action }) => action.startsWith('endpoint.'))
    .map((entry) => ({ atSeconds: Date.parse(entry.created_at) / 1000, text: changeInWords(entry) }));
}

/** `url changed`, `secret rotated`. */
export function changeInWords({ action, after, sealed }: Schemas['AuditEntry']): string {
  const { actions } = words.audit;
  if (action !== 'endpoint.updated') return actions[action];
  const fields = [...new Set([...Object.keys(after ?? {}), ...sealed])];
  return fields.length === 0 ? actions[action] : words.audit.changed(fields.join(', '));
}
