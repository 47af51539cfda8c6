// What the client needs to know of a server: how to call it, and what the right answers are.

interface AnyTarget {
  /** Encoded requests of one row each, to be sent in turns. */
  readonly payloads: readonly Uint8Array[];
  /** The first value of the answer to each. All servers end an answer with the raw values of its row. */
  readonly firstValues: readonly number[];
}

export interface GrpcTarget extends AnyTarget {
  readonly kind: 'grpc';
  readonly address: string;
  readonly path: string;
}

export interface HttpTarget extends AnyTarget {
  readonly kind: 'http';
  readonly port: number;
  readonly path: string;
}

export type Target = GrpcTarget | HttpTarget;
