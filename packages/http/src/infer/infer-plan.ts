// What a request's JSON was read into, on its way to a ModelInferRequest. Plain objects: they cross thread borders.

export interface InferTarget {
  readonly model: string;
  readonly version: string;
  /** Of the request as protobuf. */
  readonly maxBytes: number;
}

/** One entry of raw_input_contents. */
export interface Content {
  /** Of its input, for messages. */
  readonly name: string;
  readonly size: number;
  /** Absent: they follow the JSON as binary data. */
  readonly bytes: Uint8Array | undefined;
}

export interface InferPlan {
  /** The message without the contents that are still to come; the whole message when there are none. */
  readonly head: Uint8Array;
  readonly contents: readonly Content[];
  readonly wish: OutputWish;
}

/** Which outputs the client wants as binary data. */
export interface OutputWish {
  readonly all: boolean;
  /** Those that the request speaks of. */
  readonly byName: ReadonlyMap<string, boolean>;
}
