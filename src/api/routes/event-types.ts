import type { Request, Router } from 'express';
import { z } from 'zod';
import { eventTypeSchema, importSchema } from '../../catalogue/input.ts';
import type { Imported } from '../../catalogue/changes.ts';
import { OPERATIONAL_TYPES } from '../../events/operational.ts';
import { eventTypeProblem } from '../../events/pattern.ts';
import { Problem } from '../../problem.ts';
import { pathText } from '../../validation.ts';
import type { ApiContext } from '../context.ts';
import { decodePosition, limit, page, param, readBody, readQuery } from '../request.ts';
import { operationalTypeView, ownTypeView, profileTypeView } from '../event-type-views.ts';

const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');
export const oneSchema = z.strictObject({ profile: z.string().optional() });
export const listSchema = z.strictObject({
  profile: z.string().optional(),
  group: z.string().optional(),
  archived: z.enum(['true', 'false', 'all'], 'must be true, false or all').default('false'),
  deprecated: flag.optional(),
  limit,
  cursor: z.string().optional(),
});

/** Of an event type, as far as a cursor is concerned. */
const NAME = /^[a-z0-9._-]{1,128}$/;

/** The deployment's own event types, and those of the profiles. A name of its own hides that of the profiles. */
export function eventTypeRoutes(router: Router, { profiles, catalogue }: ApiContext): void {
  function profileNames(wanted: string | undefined): string[] {
    const names = profiles.names();
    if (wanted === undefined) return names;
    if (names.includes(wanted)) return [wanted];
    throw Problem.field('profile', `"${wanted}" is not a profile; there are: ${names.join(', ')}`);
  }

  /** By name: what those profiles say of it, in their order. */
  function ofProfiles(wanted: string | undefined): Map<string, ReturnType<typeof profileTypeView>[]> {
    const byName = new Map<string, ReturnType<typeof profileTypeView>[]>();
    for (const profile of profileNames(wanted))
      for (const entry of profiles.get(profile)!.events)
        byName.set(entry.type, [...(byName.get(entry.type) ?? []), profileTypeView(profile, entry)]);
    if (wanted === undefined)
      for (const entry of OPERATIONAL_TYPES)
        byName.set(entry.type, [...(byName.get(entry.type) ?? []), operationalTypeView(entry)]);
    return byName;
  }

  const namesOf = (views: { profile: string }[] | undefined): string[] =>
    views?.map(({ profile }) => profile) ?? [];

  router.get('/v1/event-types', async (request, response) => {
    const { profile, group, deprecated, archived: shown, ...query } = readQuery(request, listSchema);
    const after = decodePosition(query.cursor, NAME);
    const archived = shown === 'all' ? undefined : shown === 'true';
    const filter = { group, archived, deprecated };
    const own = profile === undefined ? await catalogue.list(filter, query.limit + 1, after) : [];
    const known = ofProfiles(profile);
    // A profile's are in no group, and neither archived nor deprecated.
    const withProfiles = group === undefined && archived !== true && deprecated !== true;
    const hidden =
      withProfiles && profile === undefined ? await catalogue.findMany([...known.keys()]) : new Map();
    const others = [...known]
      .filter(([name]) => withProfiles && (after === null || name > after) && !hidden.has(name))
      .map(([, views]) => ({ ...views[0]!, profiles: namesOf(views) }));
    const all = [...own.map((type) => ownTypeView(type, namesOf(known.get(type.name)))), ...others];
    const sorted = all.sort((a, b) => (a.name < b.name ? -1 : 1));
    response.json(
      page(
        sorted,
        query.limit,
        (view) => view,
        ({ name }) => name,
      ),
    );
  });

  router.get('/v1/event-types/:name', async (request, response) => {
    const name = param(request, 'name');
    const { profile } = readQuery(request, oneSchema);
    const views = ofProfiles(profile).get(name);
    const own = profile === undefined ? (await catalogue.findMany([name])).get(name) : undefined;
    if (own) return void response.json(ownTypeView(own, namesOf(views)));
    if (!views) throw Problem.notFound('event type', name);
    response.json({ ...views[0], profiles: namesOf(views) });
  });

  router.put('/v1/event-types/:name', async (request, response) => {
    const name = readName(request);
    const settings = readBody(request, eventTypeSchema);
    const { type, created, warnings } = await catalogue.put(name, settings);
    response.status(created ? 201 : 200).json({
      ...ownTypeView(type, namesOf(ofProfiles(undefined).get(name))),
      warnings: warnings.map(({ path, message }) => ({ path: pathText(path), message })),
    });
  });

  router.delete('/v1/event-types/:name', async (request, response) => {
    const name = param(request, 'name');
    if (await catalogue.remove(name)) return void response.status(204).end();
    const [profile] = namesOf(ofProfiles(undefined).get(name));
    if (profile === undefined) throw Problem.notFound('event type', name);
    throw Problem.field(
      'name',
      `"${name}" comes with the profile "${profile}" and stays: only your own can be deleted`,
    );
  });

  router.post('/v1/event-types/import', async (request, response) => {
    const {
      document,
      dry_run: dryRun,
      data_property: dataProperty,
      validate,
    } = readBody(request, importSchema);
    const imported = await catalogue.importOpenApi({
      document: JSON.stringify(document),
      dryRun,
      dataProperty,
      validate,
    });
    response.json(importView(imported));
  });
}

function readName(request: Request): string {
  const name = param(request, 'name');
  const problem = eventTypeProblem(name);
  if (problem) throw Problem.field('name', problem);
  if (name === 'import')
    throw Problem.field('name', '"import" is taken: POST to it reads an OpenAPI document');
  return name;
}

function importView({ types, dryRun }: Imported) {
  const count = (wanted: string) => types.filter(({ change }) => change === wanted).length;
  return {
    dry_run: dryRun,
    ...{ created: count('created'), updated: count('updated'), unchanged: count('unchanged') },
    types,
  };
}
