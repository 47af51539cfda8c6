// Original file: proto/weft/router/v1/admin.proto


export interface GetProfilesRequest {
  'name'?: (string);
  'version'?: (string);
}

export interface GetProfilesRequest__Output {
  'name': (string);
  'version': (string);
}
