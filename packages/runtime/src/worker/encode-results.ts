// From the outcomes of a batch to the messages that carry them, a few megabytes each.
import { WeftError } from '@weft/errors';
import { encodeResult, type Execution, grpcStatusOf, type ItemResult, type ItemTimes } from '@weft/rpc/wire';

/** An encoded response, or why there is none. */
export type Outcome = Buffer | WeftError;

/** An unexpected failure, for the log. */
export interface Incident {
  readonly requestId: string;
  readonly method: string;
  readonly cause: unknown;
}

export interface BatchOutcomes {
  readonly batchId: number;
  readonly method: string;
  readonly outcomes: readonly Outcome[];
  readonly times: ItemTimes;
  /** The model's runs, told with the last message. */
  readonly executions: readonly Execution[];
  /** A larger response is answered RESOURCE_EXHAUSTED. */
  readonly maxMessageBytes: number;
}

/** Responses can be much larger than their requests: beyond this much, one message carries no more of them. */
const resultBytes = 4 * 1024 * 1024;

export function encodeResults({ batchId, method, outcomes, times, executions, maxMessageBytes }: BatchOutcomes): {
  readonly messages: Buffer[];
  readonly incidents: Incident[];
} {
  const incidents: Incident[] = [];
  const messages: Buffer[] = [];
  let items: ItemResult[] = [];
  let bytes = 0;
  for (const [index, whole] of outcomes.entries()) {
    const outcome = fittingResponse(whole, maxMessageBytes);
    const size = outcome instanceof WeftError ? 0 : outcome.length;
    if (items.length > 0 && bytes + size > resultBytes) {
      messages.push(encodeResult({ batchId, items, undelivered: false, crashed: false, last: false }));
      items = [];
      bytes = 0;
    }
    items.push({ index, outcome: outcome instanceof WeftError ? statusOf(outcome) : outcome, ...times });
    bytes += size;
    if (outcome instanceof WeftError && outcome.requestId !== undefined) {
      incidents.push({ requestId: outcome.requestId, method, cause: outcome.cause });
    }
  }
  messages.push(encodeResult({ batchId, items, undelivered: false, crashed: false, last: true, executions }));
  return { messages, incidents };
}

/** A response over the limit fails instead. */
export function fittingResponse(outcome: Outcome, limit: number): Outcome {
  if (outcome instanceof WeftError) return outcome;
  return overLimit('response', outcome.length, limit) ?? outcome;
}

/** A router may let in more than its replicas take. */
export function overLimit(what: 'request' | 'response', bytes: number, limit: number): WeftError | undefined {
  if (bytes <= limit) return undefined;
  return new WeftError(
    'RESOURCE_EXHAUSTED',
    `the ${what} has ${bytes} bytes, more than the limit of ${limit} for a message`,
  );
}

function statusOf({ code, message, requestId = '' }: WeftError): { code: number; message: string; requestId: string } {
  return { code: grpcStatusOf(code), message, requestId };
}
