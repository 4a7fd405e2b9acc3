import {
  BinaryPayloadConverter,
  CompositePayloadConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
  type Payload,
} from '@temporalio/common';
import { parseJson } from '../json.ts';

/** As Temporal's own, except that the numbers of an event keep their digits on their way through `publishEvent`. */
class ExactJsonConverter extends JsonPayloadConverter {
  override fromPayload<T>(payload: Payload): T {
    return parseJson(new TextDecoder().decode(payload.data ?? undefined)) as T;
  }
}

/** Temporal's SDK looks for this name, in workers as well as in the bundle of workflows. */
export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new BinaryPayloadConverter(),
  new ExactJsonConverter(),
);
