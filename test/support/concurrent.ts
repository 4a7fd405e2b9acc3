/** For files whose tests wait for most of their time: beside each other. Each needs a tenant and paths of its own. */
import { describe as suite, it as test } from 'vitest';

export const describe = suite.concurrent;
export const it = test.concurrent;
