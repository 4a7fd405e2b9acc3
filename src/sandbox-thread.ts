/** The thread in which a process of the sandbox (src/sandbox-process.ts) carries out tasks, one after the other. */
import { parentPort } from 'node:worker_threads';
import { checkSchema, validate } from './catalogue/thread/schema.ts';
import { readOpenApi } from './catalogue/thread/openapi.ts';
import { sampleOf } from './catalogue/thread/sample.ts';
import { checkTemplate, renderTemplate } from './templates/thread/evaluate.ts';
import type { Reply, Task } from './sandbox/tasks.ts';

// What one task leaves behind, the next would find: nothing can be added to what all values have in common.
const shared = [Object, Array, Function, String, Number, Boolean, RegExp, Promise, Map, Set];
shared.map((each) => each.prototype as object).forEach((prototype) => Object.preventExtensions(prototype));

// Should something in a schema or template get out of its engine after all, it finds nothing to reach the machine with.
for (const name of ['process', 'fetch', 'WebSocket', 'EventSource']) Reflect.deleteProperty(globalThis, name);

function perform(task: Task): unknown {
  switch (task.kind) {
    case 'check-schema':
      return checkSchema(task.schema);
    case 'validate':
      return validate(task.schema, task.data);
    case 'sample':
      return sampleOf(task.schema);
    case 'check-template':
      return checkTemplate(task.template);
    case 'render':
      return renderTemplate(task.template, task.input);
    case 'read-openapi':
      return readOpenApi(task.document, task.dataProperty);
  }
}

async function answer(task: Task): Promise<Reply> {
  try {
    return { result: await perform(task) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

parentPort!.on('message', (task: Task) => void answer(task).then((reply) => parentPort!.postMessage(reply)));
parentPort!.postMessage('ready');
