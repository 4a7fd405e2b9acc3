/** The deployment's own event types. Each change counts the catalogue's revision up, and one waits for the other. */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { writeAudit, type AuditEntry } from './audit.ts';
import { CHANNELS } from './listener.ts';
import type { Pool, Queryable } from './pool.ts';
import { transaction } from './transaction.ts';

/** What is said of a type. `schema` and `example` are JSON text. */
export interface EventTypeSettings {
  description: string | null;
  group: string | null;
  schema: string | null;
  example: string | null;
  exampleIsGenerated: boolean;
  validate: boolean;
  archived: boolean;
  deprecated: boolean;
}

export interface NewEventType extends EventTypeSettings {
  name: string;
}

export interface EventType extends NewEventType {
  createdAt: Date;
  updatedAt: Date;
}

/** What every process remembers of each. */
export interface KnownType {
  /** Of the catalogue when it was last changed. */
  revision: number;
  validates: boolean;
  archived: boolean;
  deprecated: boolean;
}

export interface ListFilter {
  group: string | undefined;
  archived: boolean | undefined;
  deprecated: boolean | undefined;
}

export interface EventTypeStore {
  /**
   * In one transaction, which others wait for: writes what `decide` makes of those with these names as they are. What it
   * throws, nothing is written for.
   */
  change(
    names: string[],
    decide: (present: Map<string, EventType>, othersCount: number) => NewEventType[],
  ): Promise<EventType[]>;
  /** False: there is none of that name. */
  remove(name: string): Promise<boolean>;
  findMany(names: string[]): Promise<Map<string, EventType>>;
  /** By name, after that one. */
  list(filter: ListFilter, limit: number, afterName: string | null): Promise<EventType[]>;
  known(): Promise<{ revision: number; types: Map<string, KnownType> }>;
  revision(): Promise<number>;
}

const COLUMNS = `name, description, group_name AS "group", schema, example, example_is_generated AS "exampleIsGenerated",
  validate, archived, deprecated, created_at AS "createdAt", updated_at AS "updatedAt"`;

export function createEventTypeStore(pool: Pool, listPool: Pool): EventTypeStore {
  /** Locks the catalogue until the end of the transaction; every process hears of it then. */
  async function nextRevision(db: Queryable): Promise<number> {
    const { rows } = await db.query<{ revision: number }>({
      text: 'UPDATE catalogue SET revision = revision + 1 RETURNING revision, pg_notify($1, $2)',
      values: [CHANNELS.eventTypes, ''],
    });
    return rows[0]!.revision;
  }

  async function find(db: Queryable, names: string[]): Promise<Map<string, EventType>> {
    const { rows } = await db.query<EventType>({
      text: `SELECT ${COLUMNS} FROM event_types WHERE name = ANY ($1)`,
      values: [names],
    });
    return new Map(rows.map((row) => [row.name, row]));
  }

  return {
    change: (names, decide) =>
      transaction(pool, async (db) => {
        const revision = await nextRevision(db);
        const present = await find(db, names);
        const { rows } = await db.query<{ count: number }>({ text: 'SELECT count(*) FROM event_types' });
        const types = decide(present, rows[0]!.count - present.size);
        if (types.length === 0) return [];
        const changed = await upsert(db, types, revision);
        const others = changed.filter((type) => !isSameType(present.get(type.name), type));
        await writeAudit(
          db,
          others.map((type): AuditEntry => ({
            ...{ tenantId: null, action: 'event_type.changed', subjectId: type.name },
            ...{ before: factsOf(present.get(type.name)), after: factsOf(type) },
          })),
        );
        return changed;
      }),

    remove: (name) =>
      transaction(pool, async (db) => {
        await nextRevision(db);
        const { rowCount } = await db.query({
          text: 'DELETE FROM event_types WHERE name = $1',
          values: [name],
        });
        if (rowCount === 1)
          await writeAudit(db, [{ tenantId: null, action: 'event_type.deleted', subjectId: name }]);
        return rowCount === 1;
      }),

    findMany: (names) => find(pool, names),

    async list({ group, archived, deprecated }, limit, afterName) {
      const { rows } = await listPool.query<EventType>({
        text: `SELECT ${COLUMNS} FROM event_types
                WHERE ($1::text IS NULL OR name > $1) AND ($2::text IS NULL OR group_name = $2)
                  AND ($3::boolean IS NULL OR archived = $3) AND ($4::boolean IS NULL OR deprecated = $4)
                ORDER BY name LIMIT $5`,
        values: [afterName, group, archived, deprecated, limit],
      });
      return rows;
    },

    async known() {
      const { rows } = await pool.query<{ catalogue: number; name: string | null } & KnownType>({
        text: `SELECT c.revision AS catalogue, t.name, t.revision, t.validate AS validates, t.archived, t.deprecated
                 FROM catalogue c LEFT JOIN event_types t ON true ORDER BY t.name`,
      });
      const types = new Map<string, KnownType>();
      for (const { name, revision, validates, archived, deprecated } of rows)
        if (name !== null) types.set(name, { revision, validates, archived, deprecated });
      return { revision: rows[0]!.catalogue, types };
    },

    async revision() {
      const { rows } = await pool.query<{ revision: number }>({
        name: 'catalogue-revision',
        text: 'SELECT revision FROM catalogue',
      });
      return rows[0]!.revision;
    },
  };
}

const isSameType = (before: EventType | undefined, after: EventType): boolean =>
  isDeepStrictEqual(before && { ...before, updatedAt: after.updatedAt }, after);

/** Without schema and example, which may be long. */
function factsOf(type: EventType | undefined) {
  if (!type) return undefined;
  const { description, group, schema, example, validate, archived, deprecated } = type;
  const texts = { schema: digestOf(schema), example: digestOf(example) };
  return { description, group, ...texts, validate, archived, deprecated };
}

/** Says that it is another one; it may be large. */
const digestOf = (text: string | null): string | null =>
  text === null ? null : `sha256:${hash('sha256', text)}`;

async function upsert(db: Queryable, types: NewEventType[], revision: number): Promise<EventType[]> {
  const { rows } = await db.query<EventType>({
    text: `INSERT INTO event_types (name, description, group_name, schema, example, example_is_generated, validate, archived,
                                    deprecated, revision)
           SELECT *, $10::bigint FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[],
                                             $7::boolean[], $8::boolean[], $9::boolean[])
           ON CONFLICT (name) DO UPDATE
              SET description = excluded.description, group_name = excluded.group_name, schema = excluded.schema,
                  example = excluded.example, example_is_generated = excluded.example_is_generated,
                  validate = excluded.validate, archived = excluded.archived, deprecated = excluded.deprecated,
                  revision = excluded.revision, updated_at = now()
           RETURNING ${COLUMNS}`,
    values: [
      types.map((type) => type.name),
      types.map((type) => type.description),
      types.map((type) => type.group),
      types.map((type) => type.schema),
      types.map((type) => type.example),
      types.map((type) => type.exampleIsGenerated),
      types.map((type) => type.validate),
      types.map((type) => type.archived),
      types.map((type) => type.deprecated),
      revision,
    ],
  });
  return rows;
}
