// Original file: proto/weft/router/v1/admin.proto


export interface BatchTime {
  'rows'?: (number);
  'ms'?: (number | string);
  'measured'?: (boolean);
}

export interface BatchTime__Output {
  'rows': (number);
  'ms': (number);
  'measured': (boolean);
}
