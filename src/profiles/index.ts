/** The profiles this process knows: the built-in ones and those of a deployment's JSON file. */
import { readFileSync } from 'node:fs';
import { builtInProfiles } from './built-in.ts';
import type { Profile } from './profile.ts';
import { profileSchema } from './schema.ts';

export type * from './profile.ts';

export interface Profiles {
  get(name: string): Profile | undefined;
  /** Built-in ones first, then the file's in its order. */
  names(): string[];
  /** Every header that one of them sets, in lower case. */
  headerNames(): ReadonlySet<string>;
}

/**
 * Reads `extraJsonFile` (a JSON array of profiles, see docs/profiles.md) besides the built-in profiles. Throws
 * an Error that names the file and each wrong place in it: meant for start-up, where a person reads it.
 */
export function loadProfiles(extraJsonFile?: string | null): Profiles {
  const profiles = new Map(builtInProfiles.map((profile) => [profile.name, profile]));
  const extra = extraJsonFile ? readProfiles(extraJsonFile) : [];
  extra.forEach((profile, index) => {
    if (profiles.has(profile.name)) {
      const taken = builtInProfiles.some(({ name }) => name === profile.name);
      const reason = taken ? 'is built in and cannot be redefined' : 'is defined twice';
      throw new Error(
        `Profiles file ${extraJsonFile}: [${index}].name: the profile "${profile.name}" ${reason}`,
      );
    }
    profiles.set(profile.name, profile);
  });
  const headerNames = new Set(
    [...profiles.values()].flatMap(({ headers }) =>
      Object.values(headers).map((name) => String(name).toLowerCase()),
    ),
  );
  return {
    get: (name) => profiles.get(name),
    names: () => [...profiles.keys()],
    headerNames: () => headerNames,
  };
}

function readProfiles(file: string): Profile[] {
  const parsed = profileSchema.array().safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${formatPath(issue.path)}: ${issue.message}`);
  throw new Error(`Profiles file ${file} is not valid:\n${lines.join('\n')}`);
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`Profiles file ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Profiles file ${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** `[0].headers.signature`, as one would write it in code. */
function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}
