// Original file: proto/weft/executor/v1/executor.proto


export interface Sharing {
  'version'?: (string);
  'routers'?: (number);
  'rows'?: (number);
  'allRows'?: (number);
}

export interface Sharing__Output {
  'version': (string);
  'routers': (number);
  'rows': (number);
  'allRows': (number);
}
