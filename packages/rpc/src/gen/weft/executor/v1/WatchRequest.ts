// Original file: proto/weft/executor/v1/executor.proto


export interface WatchRequest {
  'routerId'?: (string);
}

export interface WatchRequest__Output {
  'routerId': (string);
}
