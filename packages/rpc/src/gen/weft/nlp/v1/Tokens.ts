// Original file: proto/weft/nlp/v1/nlp.proto


export interface Tokens {
  'ids'?: (number)[];
  'pieces'?: (string)[];
}

export interface Tokens__Output {
  'ids': (number)[];
  'pieces': (string)[];
}
