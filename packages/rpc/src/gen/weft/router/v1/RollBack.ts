// Original file: proto/weft/router/v1/admin.proto


export interface RollBack {
  'version'?: (string);
  'reason'?: (string);
}

export interface RollBack__Output {
  'version': (string);
  'reason': (string);
}
