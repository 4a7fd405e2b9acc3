import type { z } from 'zod';
import type { FieldError } from './problem.ts';

/** An answer names as many; a person mends them a few at a time. */
const MAX_ERRORS = 20;
const MAX_PATH_CHARS = 120;

/**
 * zod's issues as field errors: the first twenty, and how many more there are. Unknown fields are named one by one. Paths
 * read as the caller wrote them.
 */
export function fieldErrors(error: z.ZodError, prefix = ''): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const issue of error.issues) {
    const isUnknown = issue.code === 'unrecognized_keys';
    const paths = isUnknown
      ? issue.keys.slice(0, MAX_ERRORS).map((key) => [...issue.path, key])
      : [issue.path];
    count += isUnknown ? issue.keys.length : 1;
    for (const path of paths.slice(0, MAX_ERRORS - errors.length)) {
      errors.push({
        path: joinPath(prefix, path),
        message: isUnknown ? 'is not a known field' : plain(issue),
      });
    }
  }
  const more = count - errors.length;
  if (more > 0) errors.push({ path: joinPath(prefix, []), message: `and ${more} more` });
  return errors;
}

function joinPath(prefix: string, path: PropertyKey[]): string {
  const joined = pathText(path);
  if (joined === '') return prefix.replace(/\.$/, '');
  return prefix + joined;
}

/** `events[2].type` */
export function pathText(path: readonly PropertyKey[]): string {
  const joined = path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
  return joined.length > MAX_PATH_CHARS ? `${joined.slice(0, MAX_PATH_CHARS)}…` : joined;
}

function plain(issue: z.core.$ZodIssue): string {
  if (
    issue.code === 'invalid_type' &&
    issue.input === undefined &&
    /received undefined/.test(issue.message)
  ) {
    return 'is required';
  }
  return issue.message;
}
