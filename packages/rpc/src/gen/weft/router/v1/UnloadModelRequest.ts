// Original file: proto/weft/router/v1/admin.proto


export interface UnloadModelRequest {
  'name'?: (string);
}

export interface UnloadModelRequest__Output {
  'name': (string);
}
