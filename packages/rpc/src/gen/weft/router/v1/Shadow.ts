// Original file: proto/weft/router/v1/admin.proto


export interface Shadow {
  'version'?: (string);
  'share'?: (number | string);
}

export interface Shadow__Output {
  'version': (string);
  'share': (number);
}
