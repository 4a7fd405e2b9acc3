/**
 * How workflow code reads payloads: as activities do, except that what cannot be read becomes a word about it. The SDK
 * would throw, and a signal in an encoding that we do not know would fail every task of the workflow it was sent to.
 */
import type { Payload, PayloadConverter } from '@temporalio/common';
import { payloadConverter as exact } from '../src/temporal/payload-converter.ts';

/** Bundled into the workflow code by src/temporal/bundle.ts. The SDK asks for the name. */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => exact.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return exact.fromPayload(payload);
    } catch {
      return UNREADABLE as T;
    }
  },
};

/** A list, which no input of ours is: whoever reads it refuses it in words. */
const UNREADABLE = Object.freeze(['(unreadable)']);
