// gRPC's status numbers (fixed by its specification), apart from grpc-js: workers encode them without loading it.
import { type ErrorCode, errorCodes } from '@weft/errors';

const numbers: Record<ErrorCode, number> = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
};

const codes = new Map((Object.keys(errorCodes) as ErrorCode[]).map((code) => [numbers[code], code]));

export function grpcStatusOf(code: ErrorCode): number {
  return numbers[code];
}

/** The code of a gRPC status number; UNKNOWN and numbers that gRPC does not have become INTERNAL. */
export function errorCodeOf(grpcStatus: number): ErrorCode {
  return codes.get(grpcStatus) ?? 'INTERNAL';
}
