// Original file: proto/weft/nlp/v1/nlp.proto


export interface RankedDocument {
  'index'?: (number);
  'score'?: (number | string);
}

export interface RankedDocument__Output {
  'index': (number);
  'score': (number);
}
