// Original file: proto/weft/nlp/v1/nlp.proto


export interface ClassifyRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'texts'?: (string)[];
  'topK'?: (number);
}

export interface ClassifyRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'texts': (string)[];
  'topK': (number);
}
