// Original file: proto/weft/executor/v1/executor.proto


export interface Placement {
  'provider'?: (string);
  'fallbackReason'?: (string);
}

export interface Placement__Output {
  'provider': (string);
  'fallbackReason': (string);
}
