// Original file: proto/weft/router/v1/admin.proto


export interface Canary {
  'version'?: (string);
  'share'?: (number | string);
}

export interface Canary__Output {
  'version': (string);
  'share': (number);
}
