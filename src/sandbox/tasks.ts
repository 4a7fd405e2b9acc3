import type { Template } from '../templates/template.ts';

/** What a thread is asked for, and what it answers. */
export type Task =
  | { kind: 'check-schema'; schema: string }
  | { kind: 'validate'; schema: string; data: string }
  | { kind: 'sample'; schema: string }
  | { kind: 'read-openapi'; document: string; dataProperty: string | null }
  | { kind: 'check-template'; template: Template }
  | { kind: 'render'; template: Template; input: string };

/** A place in a value, and what is wrong there. */
export interface Misfit {
  path: (string | number)[];
  message: string;
}

/** An event type as a document describes it. */
export interface DescribedType {
  name: string;
  description: string | null;
  group: string | null;
  deprecated: boolean;
  /** JSON text; null: it says nothing of the body. */
  schema: string | null;
  example: string | null;
  exampleIsGenerated: boolean;
}

export interface TaskResults {
  /** Why it is none; null: it is one. */
  'check-schema': Misfit | null;
  validate: Misfit | null;
  /** JSON text of an object; null: the schema describes no object. */
  sample: string | null;
  /** Why it is none; null: it is one. */
  'check-template': string | null;
  render: RenderResult;
  'read-openapi': { types: DescribedType[]; problems: Misfit[] };
}

/** `isLimit`: it would go on without end, or makes too much. */
export type RenderResult = { body: string } | { failure: string; isLimit: boolean };

/** What a process of the sandbox is given: `maxCpuMs` of the processor are there for it. */
export interface Given {
  task: Task;
  maxCpuMs: number;
}

/** `limit`: which one the task went beyond; another thread says "ready" then. `broken`: the thread is, and the process with it. */
export type Reply = { result: unknown } | { error: string } | { limit: string } | { broken: string };
