// The table of codes: every error that weft raises on purpose carries one of these. The names are gRPC's, because
// clients meet them there, but nothing here knows gRPC: rpc maps them to numbers and to HTTP at the edge.

/** What a caller should know about each code. `retryable`: the same request may succeed elsewhere or a moment later. */
export const errorCodes = {
  INVALID_ARGUMENT: { retryable: false },
  NOT_FOUND: { retryable: false },
  ALREADY_EXISTS: { retryable: false },
  FAILED_PRECONDITION: { retryable: false },
  UNAUTHENTICATED: { retryable: false },
  PERMISSION_DENIED: { retryable: false },
  RESOURCE_EXHAUSTED: { retryable: false },
  UNIMPLEMENTED: { retryable: false },
  UNAVAILABLE: { retryable: true },
  DEADLINE_EXCEEDED: { retryable: false },
  CANCELLED: { retryable: false },
  ABORTED: { retryable: false },
  OUT_OF_RANGE: { retryable: false },
  DATA_LOSS: { retryable: false },
  INTERNAL: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;
