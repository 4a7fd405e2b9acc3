import { goCode } from './go.ts';
import { nodeCode } from './node.ts';
import { phpCode } from './php.ts';
import { pythonCode } from './python.ts';

export const LANGUAGES = [
  { name: 'Node', make: nodeCode },
  { name: 'Python', make: pythonCode },
  { name: 'Go', make: goCode },
  { name: 'PHP', make: phpCode },
] as const;
