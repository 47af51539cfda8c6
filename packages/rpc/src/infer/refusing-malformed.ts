// Bytes that are no protobuf message are the client's mistake, wherever in the request they stand.
import { invalidArgument } from '@weft/errors';
import { MalformedMessage } from '../wire/read.ts';

/** Throws INVALID_ARGUMENT where `read` meets a malformed message. */
export function refusingMalformed<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) throw invalidArgument(`malformed ModelInferRequest: ${thrown.message}`);
    throw thrown;
  }
}
