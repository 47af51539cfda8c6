// Original file: proto/weft/executor/v1/executor.proto


export interface Method {
  'path'?: (string);
  'defaultModel'?: (string);
}

export interface Method__Output {
  'path': (string);
  'defaultModel': (string);
}
