// Errors at the edges: as grpc-js wants and gives them, and their HTTP statuses. (Their gRPC numbers: grpc-status.ts.)
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { type ErrorCode, WeftError } from '@weft/errors';
import { errorCodeOf, grpcStatusOf } from './grpc-status.ts';

const httpStatuses: Record<ErrorCode, number> = {
  INVALID_ARGUMENT: 400,
  OUT_OF_RANGE: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

export function httpStatusOf(code: ErrorCode): number {
  return httpStatuses[code];
}

const retryPushbackKey = 'grpc-retry-pushback-ms';
export const requestIdKey = 'x-request-id';

/** What grpc-js wants to hear of an error: status, message, and in the trailers the pushback and the request id. */
export function toServiceError(
  error: WeftError,
): Partial<ServiceError> & { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  if (error.retryAfterMs !== undefined) metadata.set(retryPushbackKey, String(Math.round(error.retryAfterMs)));
  if (error.requestId !== undefined) metadata.set(requestIdKey, error.requestId);
  return { code: grpcStatusOf(error.code), details: error.message, metadata };
}

/** The WeftError behind an error, or a status, that a grpc-js client call ended with. */
export function fromServiceError(error: Pick<ServiceError, 'code' | 'details' | 'metadata'>): WeftError {
  const pushback = Number(error.metadata?.get(retryPushbackKey)[0]);
  const requestId = error.metadata?.get(requestIdKey)[0];
  return new WeftError(errorCodeOf(error.code), error.details, {
    cause: error,
    ...(Number.isInteger(pushback) ? { retryAfterMs: pushback } : {}),
    ...(requestId === undefined ? {} : { requestId: String(requestId) }),
  });
}
