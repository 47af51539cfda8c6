// Original file: proto/weft/executor/v1/executor.proto


export interface Open {
  'routerId'?: (string);
  'model'?: (string);
}

export interface Open__Output {
  'routerId': (string);
  'model': (string);
}
