/** Every workflow type the worker runs: the bundle is made from this file. */
export { delivery } from './delivery.ts';
export { publishEvent } from './publish-event.ts';
