// Original file: proto/weft/nlp/v1/nlp.proto


export interface Label {
  'name'?: (string);
  'score'?: (number | string);
}

export interface Label__Output {
  'name': (string);
  'score': (number);
}
