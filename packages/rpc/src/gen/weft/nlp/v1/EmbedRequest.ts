// Original file: proto/weft/nlp/v1/nlp.proto


export interface EmbedRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'texts'?: (string)[];
}

export interface EmbedRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'texts': (string)[];
}
