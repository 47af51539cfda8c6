// Original file: proto/weft/models/v1/models.proto


export interface Signature {
  'keyId'?: (string);
  'ed25519'?: (Buffer | Uint8Array | string);
}

export interface Signature__Output {
  'keyId': (string);
  'ed25519': (Buffer);
}
