// Original file: proto/weft/router/v1/admin.proto


export interface Promote {
  'version'?: (string);
}

export interface Promote__Output {
  'version': (string);
}
