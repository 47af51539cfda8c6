// Errors as HTTP answers: the texts are those of gRPC, the status is that of the code, but for what is too large. Whoever is to come back later is told when, in
// Retry-After and, more finely, in retry-after-ms.
import type { WeftError } from '@weft/errors';
import { httpStatusOf, requestIdKey } from '@weft/rpc';
import { type HttpAnswer, jsonAnswer } from './exchange.ts';

export function errorAnswer(error: WeftError, body: (error: WeftError) => object = plainBody): HttpAnswer {
  const { retryAfterMs, requestId } = error;
  const answer = jsonAnswer(body(error), statusOf(error));
  const headers: Record<string, string> = { ...answer.headers };
  if (requestId !== undefined) headers[requestIdKey] = requestId;
  if (retryAfterMs !== undefined && retryAfterMs >= 0) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
    headers['retry-after-ms'] = String(Math.round(retryAfterMs));
  }
  return { ...answer, headers };
}

/** What is too large stays so: 429 would ask for the same again. */
function statusOf({ code, retryAfterMs }: WeftError): number {
  return code === 'RESOURCE_EXHAUSTED' && retryAfterMs === undefined ? 413 : httpStatusOf(code);
}

function plainBody({ message }: WeftError): object {
  return { error: message };
}
