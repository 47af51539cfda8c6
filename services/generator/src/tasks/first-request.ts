// Methods that stream only responses have one request.
import { invalidArgument } from '@weft/errors';

/** Throws INVALID_ARGUMENT when there is none. */
export async function firstRequest<Request>(requests: AsyncIterable<unknown>): Promise<Request> {
  for await (const request of requests) return request as Request;
  throw invalidArgument('the stream ended without a request');
}
