import type { CatalogueEntry } from '../profiles/index.ts';
import { parseJson } from '../json.ts';
import { OPERATIONS_TENANT } from '../events/operational.ts';
import { DEFAULT_PROFILE } from '../profiles/built-in.ts';
import type { EventType } from '../store/event-types.ts';

const shown = (json: string | null): unknown => (json === null ? null : parseJson(json));

/** `profiles`: those that know the name, too. */
export function ownTypeView(type: EventType, profiles: string[]) {
  return {
    name: type.name,
    profile: null,
    profiles,
    description: type.description,
    group: type.group,
    schema: shown(type.schema),
    example: shown(type.example),
    example_is_generated: type.exampleIsGenerated,
    validate: type.validate,
    archived: type.archived,
    deprecated: type.deprecated,
    created_at: type.createdAt,
    updated_at: type.updatedAt,
  };
}

/** It comes with a profile: nothing of it can be changed. */
export function profileTypeView(profile: string, { type, description, example }: CatalogueEntry) {
  return {
    ...{ name: type, profile, description, group: null, schema: null, example, example_is_generated: false },
    ...{ validate: false, archived: false, deprecated: false, created_at: null, updated_at: null },
  };
}

/** What Posthorn publishes about itself. */
export const operationalTypeView = (entry: CatalogueEntry) => ({
  ...profileTypeView(DEFAULT_PROFILE, entry),
  tenant: OPERATIONS_TENANT,
});
