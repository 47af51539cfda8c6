// Original file: proto/weft/executor/v1/executor.proto


export interface CreditReturn {
  'version'?: (string);
  'instance'?: (number);
}

export interface CreditReturn__Output {
  'version': (string);
  'instance': (number);
}
