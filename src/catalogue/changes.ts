import { Problem } from '../problem.ts';
import { SandboxBusy, TaskError, TaskLimit, type Sandbox, type Work } from '../sandbox/pool.ts';
import type { DescribedType, Misfit, Task, TaskResults } from '../sandbox/tasks.ts';
import type { EventType, EventTypeSettings, EventTypeStore, NewEventType } from '../store/event-types.ts';
import { pathText } from '../validation.ts';
import { differences, type Difference } from './differences.ts';

export interface Imported {
  types: { name: string; change: Difference['change']; fields: string[] }[];
  dryRun: boolean;
}

export interface ImportRequest {
  document: string;
  dryRun: boolean;
  dataProperty: string | null;
  validate: boolean | undefined;
}

export interface CatalogueChanges {
  put(
    name: string,
    settings: EventTypeSettings,
  ): Promise<{ type: EventType; created: boolean; warnings: Misfit[] }>;
  /** All of what the document describes, or nothing. */
  importOpenApi(request: ImportRequest): Promise<Imported>;
  remove(name: string): Promise<boolean>;
}

export const MAX_TYPES = 5_000;
/** So that at publishing there is time left for the payload. */
const CHECK_CPU_MS = 300;
const IMPORT_CPU_MS = 5_000;
/** Whose turns are taken by what admins ask for. */
const ADMIN = '';

export function createCatalogueChanges(
  store: EventTypeStore,
  sandbox: Sandbox,
  onChanged: () => Promise<void>,
): CatalogueChanges {
  /** What goes wrong is about that field. */
  async function perform<K extends Task['kind']>(
    field: string,
    work: Pick<Work<K>, 'task' | 'maxCpuMs'>,
  ): Promise<TaskResults[K]> {
    try {
      return await sandbox.run<K>({ tenant: ADMIN, lane: '', ...work });
    } catch (error) {
      if (error instanceof TaskLimit || error instanceof TaskError)
        throw Problem.field(field, `reading it ${error.message}`);
      if (error instanceof SandboxBusy)
        throw Problem.unavailable('Too much is being checked at the moment; try again shortly.', 1);
      throw error;
    }
  }

  const run = <K extends Task['kind']>(field: string, task: Extract<Task, { kind: K }>) =>
    perform<K>(field, { task, maxCpuMs: CHECK_CPU_MS });

  async function withExample(
    settings: EventTypeSettings,
  ): Promise<{ settings: EventTypeSettings; warnings: Misfit[] }> {
    const { schema, example } = settings;
    if (schema === null) return { settings, warnings: [] };
    const wrong = await run<'check-schema'>('schema', { kind: 'check-schema', schema });
    if (wrong) throw Problem.field(pathText(['schema', ...wrong.path]), wrong.message);
    if (example === null) return sampled(settings, schema);
    const misfit = await run<'validate'>('example', { kind: 'validate', schema, data: example });
    return {
      settings,
      warnings: misfit ? [{ path: ['example', ...misfit.path], message: misfit.message }] : [],
    };
  }

  /** A schema of which no example can be made is a schema all the same. */
  async function sampled(settings: EventTypeSettings, schema: string) {
    const example = await run<'sample'>('schema', { kind: 'sample', schema }).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 422) return null;
      throw error;
    });
    const warnings: Misfit[] =
      example === null
        ? [{ path: ['example'], message: 'none could be made from the schema: give one' }]
        : [];
    return { settings: { ...settings, example, exampleIsGenerated: example !== null }, warnings };
  }

  function refuseTooMany(count: number): void {
    if (count > MAX_TYPES)
      throw Problem.field('', `there would be ${count} event types of your own; ${MAX_TYPES} are possible`);
  }

  return {
    async put(name, given) {
      const { settings, warnings } = await withExample(given);
      let created = false;
      const [type] = await store.change([name], (present, othersCount) => {
        created = !present.has(name);
        refuseTooMany(othersCount + 1);
        return [{ name, ...settings }];
      });
      await onChanged();
      return { type: type!, created, warnings };
    },

    async importOpenApi({ document, dryRun, dataProperty, validate }) {
      const task = { kind: 'read-openapi', document, dataProperty } as const;
      const { types: described, problems } = await perform<'read-openapi'>('document', {
        task,
        maxCpuMs: IMPORT_CPU_MS,
      });
      refuseAll(problems);
      const names = described.map(({ name }) => name);
      if (dryRun) return { types: compare(await store.findMany(names), described, validate), dryRun };
      let types: Imported['types'] = [];
      await store.change(names, (present, othersCount) => {
        types = compare(present, described, validate);
        refuseTooMany(othersCount + names.length);
        const changed = new Set(types.filter(({ change }) => change !== 'unchanged').map(({ name }) => name));
        return described
          .filter(({ name }) => changed.has(name))
          .map((each) => merged(present.get(each.name), each, validate));
      });
      await onChanged();
      return { types, dryRun };
    },

    async remove(name) {
      const removed = await store.remove(name);
      if (removed) await onChanged();
      return removed;
    },
  };
}

const MAX_PROBLEMS = 20;

function refuseAll(problems: Misfit[]): void {
  if (problems.length === 0) return;
  const errors = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => ({ path: pathText(['document', ...path]), message }));
  const more = problems.length - errors.length;
  if (more > 0) errors.push({ path: 'document', message: `and ${more} more` });
  throw Problem.invalid(errors);
}

const compare = (
  present: Map<string, EventType>,
  described: DescribedType[],
  validate: boolean | undefined,
) =>
  described.map((each) => ({
    name: each.name,
    ...differences(present.get(each.name), merged(present.get(each.name), each, validate)),
  }));

/** What a document does not speak of stays as it is. */
function merged(
  present: EventType | undefined,
  described: DescribedType,
  validate: boolean | undefined,
): NewEventType {
  // An example that somebody wrote is worth more than one that was made.
  const isWritten = present !== undefined && present.example !== null && !present.exampleIsGenerated;
  const { example, exampleIsGenerated } =
    isWritten && (described.example === null || described.exampleIsGenerated) ? present : described;
  return {
    name: described.name,
    description: described.description ?? present?.description ?? null,
    group: described.group ?? present?.group ?? null,
    schema: described.schema,
    ...{ example, exampleIsGenerated },
    validate: described.schema !== null && (validate ?? present?.validate ?? false),
    archived: present?.archived ?? false,
    deprecated: described.deprecated,
  };
}
