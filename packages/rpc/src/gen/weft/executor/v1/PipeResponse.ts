// Original file: proto/weft/executor/v1/executor.proto


export interface PipeResponse {
  'message'?: (Buffer | Uint8Array | string);
}

export interface PipeResponse__Output {
  'message': (Buffer);
}
