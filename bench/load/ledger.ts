import { isAccepted } from '../sink/receipts.ts';

/** What became of each published event, by sequence number. Status 0: no answer came. */
export class Ledger {
  readonly statuses: Uint16Array;
  /** When it was to be sent: all latencies count from there. */
  readonly intendedMs: Float64Array;
  readonly answeredMs: Float64Array;
  used = 0;
  accepted = 0;

  constructor(size: number) {
    this.statuses = new Uint16Array(size);
    this.intendedMs = new Float64Array(size);
    this.answeredMs = new Float64Array(size);
  }

  take(intendedMs: number): number {
    const seq = this.used++;
    this.intendedMs[seq] = intendedMs;
    return seq;
  }

  answer(seq: number, status: number, atMs: number): void {
    this.statuses[seq] = status;
    this.answeredMs[seq] = atMs;
    if (isAccepted(status)) this.accepted += 1;
  }

  result(startedMs: number, endedMs: number): Published {
    const { used, accepted } = this;
    return {
      used,
      accepted,
      startedMs,
      endedMs,
      // slice(): a view would carry its whole buffer to the other process.
      statuses: this.statuses.slice(0, used),
      intendedMs: this.intendedMs.slice(0, used),
      answeredMs: this.answeredMs.slice(0, used),
    };
  }
}

export interface Published {
  used: number;
  accepted: number;
  startedMs: number;
  endedMs: number;
  statuses: Uint16Array;
  intendedMs: Float64Array;
  answeredMs: Float64Array;
}
