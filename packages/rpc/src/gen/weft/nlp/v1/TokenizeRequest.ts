// Original file: proto/weft/nlp/v1/nlp.proto


export interface TokenizeRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'texts'?: (string)[];
}

export interface TokenizeRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'texts': (string)[];
}
