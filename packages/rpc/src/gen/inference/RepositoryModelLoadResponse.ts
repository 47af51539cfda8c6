// Original file: proto/inference/grpc_service.proto


export interface RepositoryModelLoadResponse {
  'modelName'?: (string);
  'isLoaded'?: (boolean);
}

export interface RepositoryModelLoadResponse__Output {
  'modelName': (string);
  'isLoaded': (boolean);
}
