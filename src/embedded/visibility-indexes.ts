import { DatabaseSync } from 'node:sqlite';

/**
 * What people list and search workflows by. The other 41 of Temporal's 45 indexes are about attributes that few
 * workflows have, or nobody filters by.
 */
const WHOLE = ['default_idx', 'by_workflow_id', 'by_workflow_type', 'by_status'];
/** Set in every row, so that an index without empty rows would be no smaller. */
const NEVER_SEARCHED = [
  'by_execution_time',
  'by_history_length',
  'by_history_size_bytes',
  'by_execution_duration',
  'by_state_transition_count',
  'by_task_queue',
  'by_root_workflow_id',
  'by_root_run_id',
];

/**
 * Makes the list of workflows cheaper to write; nothing else changes: every query finds what it found before.
 *
 * Temporal's table for it has 45 indexes, and each holds the time of closing, so that a workflow which starts and
 * ends writes 90 entries: 1 MB of pages for one delivery, a third of all that Temporal computes for it, and the more
 * the larger the trees are. An index about an optional attribute keeps only the rows that have it (SQLite still
 * uses it for "attribute = value"), eight are dropped; what they served reads the table.
 *
 * Only while no server has the file open. Does nothing the second time. Temporal itself never changes the tables of
 * a file that is there, so nothing of it misses an index.
 */
export function slimVisibilityIndexes(file: string): void {
  // Temporal's tables are declared with "text" in double quotes.
  const database = new DatabaseSync(file, { enableDoubleQuotedStringLiterals: true });
  try {
    const changes = indexesOf(database).flatMap(({ name, sql }) => {
      if (WHOLE.includes(name) || / WHERE /i.test(sql)) return [];
      if (NEVER_SEARCHED.includes(name)) return [`DROP INDEX ${name}`];
      const column = /\(namespace_id,\s*(\w+),/.exec(sql)?.[1];
      return column ? [`DROP INDEX ${name}`, `${sql} WHERE ${column} IS NOT NULL`] : [];
    });
    if (changes.length > 0) database.exec(['BEGIN', ...changes, 'COMMIT'].join(';\n'));
  } finally {
    database.close();
  }
}

function indexesOf(database: DatabaseSync): { name: string; sql: string }[] {
  const sql = `SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND tbl_name = 'executions_visibility' AND sql IS NOT NULL`;
  return database.prepare(sql).all() as { name: string; sql: string }[];
}
