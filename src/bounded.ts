/**
 * How many entries an LRUCache keeps. Like its `max`, which takes 200 kB for every 10,000 before there is one: with some twenty
 * caches that was a tenth of what a process holds.
 */
export const atMost = (entries: number) => ({ maxSize: entries, sizeCalculation: () => 1 });
