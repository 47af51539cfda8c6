// Original file: proto/weft/executor/v1/executor.proto


export interface Credit {
  'version'?: (string);
  'instance'?: (number);
}

export interface Credit__Output {
  'version': (string);
  'instance': (number);
}
