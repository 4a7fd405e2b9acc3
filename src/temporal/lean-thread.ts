/**
 * The entry of a thread that runs workflow code: takes away what our workflows do without, then becomes the SDK's own
 * thread. See workflow-threads.ts.
 */
import console from 'node:console';
import { createRequire } from 'node:module';
import v8 from 'node:v8';
import vm from 'node:vm';
import { workerData } from 'node:worker_threads';
import type { LeanThreadData } from './workflow-threads.ts';

const { sdkThread, calls } = workerData as LeanThreadData;
const callsSeen = new Int32Array(calls);
const OPTIONS = { displayErrors: true };

/** Where the hook cannot be made, the SDK does without call stacks; what it says of that is no news here. */
function withoutPromiseHook(): void {
  v8.promiseHooks.createHook = () => {
    const { warn } = console;
    console.warn = () => void (console.warn = warn);
    throw new Error('call stacks are off');
  };
}

/** Odd while the sandbox runs: the main thread looks. */
function withoutWatchdogs(): void {
  const { runInContext } = vm.Script.prototype;
  vm.Script.prototype.runInContext = function (this: vm.Script, context) {
    callsSeen[0]! += 1;
    try {
      return runInContext.call(this, context, OPTIONS);
    } finally {
      callsSeen[0]! += 1;
    }
  };
}

/** The sandbox is its own global object then, not one that Node keeps in step with another at each access. */
function withoutInterceptors(): void {
  const { createContext } = vm;
  vm.createContext = (_object, options) => createContext(vm.constants.DONT_CONTEXTIFY, options);
}

withoutPromiseHook();
withoutWatchdogs();
withoutInterceptors();
createRequire(import.meta.url)(sdkThread);
