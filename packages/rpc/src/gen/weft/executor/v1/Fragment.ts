// Original file: proto/weft/executor/v1/executor.proto


export interface Fragment {
  'piece'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
}

export interface Fragment__Output {
  'piece': (Buffer);
  'last': (boolean);
}
