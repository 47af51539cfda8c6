// Original file: proto/weft/router/v1/admin.proto


export interface ReplicaOutcome {
  'replicaId'?: (string);
  'endpoint'?: (string);
  'settled'?: (boolean);
  'problem'?: (string);
}

export interface ReplicaOutcome__Output {
  'replicaId': (string);
  'endpoint': (string);
  'settled': (boolean);
  'problem': (string);
}
