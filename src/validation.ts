import type { z } from 'zod';
import type { FieldError } from './problem.ts';

/** zod's issues as field errors. Unknown fields are named one by one. Paths read as the caller wrote them. */
export function fieldErrors(error: z.ZodError, prefix = ''): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = joinPath(prefix, issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: joinPath(prefix, [...issue.path, key]),
        message: 'is not a known field',
      }));
    }
    return [{ path, message: plain(issue) }];
  });
}

function joinPath(prefix: string, path: PropertyKey[]): string {
  const joined = path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
  if (joined === '') return prefix.replace(/\.$/, '');
  return prefix + joined;
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
