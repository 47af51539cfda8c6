// Original file: proto/weft/router/v1/admin.proto


export interface ReplicaVersion {
  'replicaId'?: (string);
  'endpoint'?: (string);
  'state'?: (string);
  'reason'?: (string);
}

export interface ReplicaVersion__Output {
  'replicaId': (string);
  'endpoint': (string);
  'state': (string);
  'reason': (string);
}
