// Original file: proto/weft/executor/v1/executor.proto


export interface Status {
  'code'?: (number);
  'message'?: (string);
  'requestId'?: (string);
}

export interface Status__Output {
  'code': (number);
  'message': (string);
  'requestId': (string);
}
