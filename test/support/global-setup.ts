import type { TestProject } from 'vitest/node';
import { startSharedServers } from './servers.ts';
import type { SharedServers } from './servers.ts';

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merging an interface needs one
  export interface ProvidedContext extends SharedServers {}
}

/** Once per run, in vitest's own process: starts what all test files share, and ends it after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...provided } = await startSharedServers();
  for (const [name, value] of Object.entries(provided)) {
    project.provide(name as keyof SharedServers, value);
  }
  return stop;
}
