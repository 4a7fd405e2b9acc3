/** What one lane of the sink received, by sequence number. Fixed arrays: recording allocates nothing. */
export class Receipts {
  readonly counts: Uint8Array;
  readonly firstMs: Float64Array;
  readonly lastMs: Float64Array;
  received = 0;
  distinct = 0;
  /** Receipts whose number is none of ours, or could not be read. */
  outside = 0;
  firstArrivalMs = 0;
  lastArrivalMs = 0;

  constructor(size: number) {
    this.counts = new Uint8Array(size);
    this.firstMs = new Float64Array(size);
    this.lastMs = new Float64Array(size);
  }

  record(seq: number, atMs: number): void {
    if (this.received === 0) this.firstArrivalMs = atMs;
    this.received += 1;
    this.lastArrivalMs = atMs;
    const count = this.counts[seq];
    if (count === undefined) {
      this.outside += 1;
      return;
    }
    if (count === 0) {
      this.distinct += 1;
      this.firstMs[seq] = atMs;
    }
    if (count < 255) this.counts[seq] = count + 1;
    this.lastMs[seq] = atMs;
  }

  summary(): ReceiptSummary {
    const { received, distinct, outside, firstArrivalMs, lastArrivalMs } = this;
    return { received, distinct, outside, firstArrivalMs, lastArrivalMs };
  }
}

export interface ReceiptSummary {
  received: number;
  distinct: number;
  outside: number;
  firstArrivalMs: number;
  lastArrivalMs: number;
}

export interface Comparison {
  /** Answered with 2xx and received fewer than `times` times. */
  lost: number;
  /** Receipts beyond `times`, of whatever was sent. */
  duplicates: number;
  /** The first few that are lost, for looking into. */
  lostSeqs: number[];
}

/** Holds what was received against what was accepted (status 2xx by sequence number). */
export function compare(counts: Uint8Array, statuses: Uint16Array, times = 1): Comparison {
  let lost = 0;
  let duplicates = 0;
  const lostSeqs: number[] = [];
  for (let seq = 0; seq < statuses.length; seq += 1) {
    const count = counts[seq] ?? 0;
    if (count > times) duplicates += count - times;
    if (isAccepted(statuses[seq]!) && count < times) {
      lost += 1;
      if (lostSeqs.length < 10) lostSeqs.push(seq);
    }
  }
  return { lost, duplicates, lostSeqs };
}

export const isAccepted = (status: number): boolean => status >= 200 && status < 300;
