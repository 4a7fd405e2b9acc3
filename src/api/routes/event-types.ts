import type { Router } from 'express';
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import type { ApiContext } from '../context.ts';
import { param, readQuery } from '../request.ts';

const querySchema = z.strictObject({ profile: z.string().optional() });

/** The catalogues that come with the profiles. Several profiles may know the same name. */
export function eventTypeRoutes(router: Router, { profiles }: ApiContext): void {
  function entries(profileName: string | undefined) {
    const names = profiles.names();
    if (profileName !== undefined && !names.includes(profileName)) {
      throw Problem.field('profile', `"${profileName}" is not a profile; there are: ${names.join(', ')}`);
    }
    return names
      .filter((name) => profileName === undefined || name === profileName)
      .flatMap((name) =>
        profiles.get(name)!.events.map(({ type, description, example }) => ({
          name: type,
          profile: name,
          description,
          example,
        })),
      );
  }

  router.get('/v1/event-types', (request, response) => {
    const { profile } = readQuery(request, querySchema);
    response.json({ data: entries(profile), next_cursor: null });
  });

  router.get('/v1/event-types/:name', (request, response) => {
    const name = param(request, 'name');
    const { profile } = readQuery(request, querySchema);
    const found = entries(profile).filter((entry) => entry.name === name);
    if (found.length === 0) throw Problem.notFound('event type', name);
    response.json({ ...found[0], profiles: found.map((entry) => entry.profile) });
  });
}
