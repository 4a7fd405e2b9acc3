/** What a tail has shown, so that it shows what is new: deliveries, and their steps. */

interface Watched {
  id: string;
  status: string;
  attempt_count: number;
}

export interface Watch<D extends Watched> {
  /** Whether this has not been shown before: from now on it has. */
  isNews(delivery: D): boolean;
  /** Open ones that have not been looked at for longest, without those just seen. They count as looked at. */
  longestUnseen(count: number, justSeen: readonly Watched[]): string[];
  forget(id: string): void;
}

/** Beyond, the one that was seen first is forgotten. */
const REMEMBERED = 20_000;

const isOpen = ({ status }: Watched): boolean => ['pending', 'retrying', 'held'].includes(status);
const stateOf = ({ status, attempt_count: attempts }: Watched): string => `${status} ${attempts}`;

export function createWatch<D extends Watched>(shown: readonly D[]): Watch<D> {
  const states = new Map<string, string>();
  /** In the order in which they were looked at. */
  const open = new Set<string>();

  function note(delivery: Watched): void {
    states.delete(delivery.id);
    states.set(delivery.id, stateOf(delivery));
    open.delete(delivery.id);
    if (isOpen(delivery)) open.add(delivery.id);
    if (states.size <= REMEMBERED) return;
    const [oldest] = states.keys();
    states.delete(oldest!);
    open.delete(oldest!);
  }
  for (const delivery of shown) note(delivery);

  return {
    isNews(delivery) {
      const isNew = states.get(delivery.id) !== stateOf(delivery);
      note(delivery);
      return isNew;
    },
    longestUnseen(count, justSeen) {
      const seen = new Set(justSeen.map(({ id }) => id));
      const found: string[] = [];
      for (const id of open) {
        if (found.length === count) break;
        if (!seen.has(id)) found.push(id);
      }
      for (const id of found) {
        open.delete(id);
        open.add(id);
      }
      return found;
    },
    forget(id) {
      states.delete(id);
      open.delete(id);
    },
  };
}
