/** Keeps the beginning of a response body and counts the rest. */
import { StringDecoder } from 'node:string_decoder';

/** How much of an answer is kept to be looked at. */
export const KEPT_BYTES = 64 * 1024;
/** How much is read on, unkept, so that the connection can be used again. Past it the connection is closed. */
export const READ_LIMIT_BYTES = 1024 * 1024;
/** How much of an exchange may be anything but body. The headers alone may have 16 KiB (connection.ts). */
export const MAX_FRAMING_BYTES = 64 * 1024;

const SMALLEST_BUFFER = 4096;

export class ResponseBody {
  /** Bytes received so far, kept or not. */
  receivedBytes = 0;
  // The usual answer is one small chunk, held as it came; from the second on they are copied together, so that a
  // body trickling in byte by byte does not hold a buffer object for each.
  #kept: Buffer | null = null;
  #keptLength = 0;
  #copied = false;

  add(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    const space = KEPT_BYTES - this.#keptLength;
    if (space <= 0) return;
    const part = chunk.length > space ? chunk.subarray(0, space) : chunk;
    if (this.#kept === null) {
      this.#kept = part;
    } else {
      this.#bufferFor(this.#keptLength + part.length).set(part, this.#keptLength);
    }
    this.#keptLength += part.length;
  }

  /**
   * The kept bytes as UTF-8. Invalid bytes become U+FFFD, a character cut in two at the limit is left out, and
   * U+0000 is left out because Postgres cannot store it in text.
   */
  text(): string {
    if (this.#kept === null) return '';
    const bytes = this.#kept.subarray(0, this.#keptLength);
    const cut = this.receivedBytes > this.#keptLength;
    const text = cut ? new StringDecoder('utf8').write(bytes) : bytes.toString('utf8');
    return text.includes('\0') ? text.replaceAll('\0', '') : text;
  }

  #bufferFor(length: number): Buffer {
    const kept = this.#kept ?? Buffer.alloc(0);
    if (this.#copied && length <= kept.length) return kept;
    const larger = Buffer.allocUnsafeSlow(Math.min(KEPT_BYTES, Math.max(SMALLEST_BUFFER, length * 2)));
    larger.set(kept.subarray(0, this.#keptLength));
    this.#kept = larger;
    this.#copied = true;
    return larger;
  }
}
