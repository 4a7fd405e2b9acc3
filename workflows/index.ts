/** Every workflow type the worker runs: the bundle is made from this file. */
export { delivery } from './delivery.ts';
export { foldStats } from './fold-stats.ts';
export { deleteTenant } from './delete-tenant.ts';
export { notify } from './notify.ts';
export { lane } from './lane.ts';
export { probe } from './probe.ts';
export { publishEvent } from './publish-event.ts';
export { release } from './release.ts';
export { replay } from './replay.ts';
export { retention } from './retention.ts';
