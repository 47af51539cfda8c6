// Original file: proto/weft/nlp/v1/nlp.proto


export interface RankRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'query'?: (string);
  'documents'?: (string)[];
  'topK'?: (number);
}

export interface RankRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'query': (string);
  'documents': (string)[];
  'topK': (number);
}
