import type { ReactNode } from 'react';
import type { Profile } from '../../api/client.ts';
import type { Draft } from './draft.ts';

/** What every section of the form gets. */
export interface SectionProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  /** What the API said about a field, by its name there. */
  errorOf: (field: string) => string | undefined;
  profile: Profile;
  isNew: boolean;
}

export type Section = (props: SectionProps) => ReactNode;

/** The first error about a field or something within it. */
export const errorFinder =
  (errors: readonly { path: string; message: string }[]) =>
  (field: string): string | undefined =>
    errors.find(({ path }) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`))
      ?.message;

export const profileOf = (profiles: readonly Profile[], wanted: string): Profile =>
  profiles.find(({ name }) => name === wanted) ?? profiles[0]!;
