// Original file: proto/weft/executor/v1/executor.proto


export interface CancelPipeRequest {
  'pipeId'?: (string);
}

export interface CancelPipeRequest__Output {
  'pipeId': (string);
}
