// What clients hear of sequences: Triton's words, for clients that look for them, and of lost ones ours.
import { invalidArgument, refusal, type WeftError } from '@weft/errors';
import type { SequenceId } from '@weft/rpc';

export function withoutId(model: string): WeftError {
  return invalidArgument(`inference request to model '${model}' must specify a non-zero or non-empty correlation ID`);
}

export function notStarted(model: string, id: SequenceId): WeftError {
  return invalidArgument(
    `inference request for sequence ${id} to model '${model}' must specify the START flag on the first request of the sequence`,
  );
}

export function severalRows(model: string): WeftError {
  return invalidArgument(
    `inference request to model '${model}' must specify batch-size 1 due to requirements of sequence batcher`,
  );
}

export function lostMessage(model: string, id: SequenceId, why: string): string {
  return `sequence ${id} of model '${model}' is lost: ${why}`;
}

export function lostSequence(message: string): WeftError {
  return refusal('UNAVAILABLE', message);
}
