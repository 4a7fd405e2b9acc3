/** All that a delivery workflow knows while it runs, shared by the parts of its loop. */
import { createMembers, type Member } from './members.ts';
import type { DeliveryInput } from './messages.ts';

export interface Flight {
  input: DeliveryInput;
  members: Member[];
  byId: Map<string, Member>;
  /** The first round is under way or over: attempts that were made ahead are heard of in it. */
  begun: boolean;
  /** Something happened since the loop last looked. */
  changed: boolean;
  /** What was asked and could not be done: for people. */
  notes: string[];
}

const MAX_NOTES = 5;
const NOTE_CHARS = 300;

export function createFlight(input: DeliveryInput): Flight {
  const members = createMembers(input);
  const byId = new Map(members.map((member) => [member.id, member]));
  return { input, members, byId, begun: false, changed: false, notes: [] };
}

/** Keeps the last few. */
export function addNote(flight: Flight, note: string): void {
  flight.notes = [...flight.notes, note.slice(0, NOTE_CHARS)].slice(-MAX_NOTES);
  flight.changed = true;
}
