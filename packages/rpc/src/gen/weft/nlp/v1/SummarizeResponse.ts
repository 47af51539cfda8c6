// Original file: proto/weft/nlp/v1/nlp.proto


export interface SummarizeResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'summary'?: (string);
  'sentenceIndexes'?: (number)[];
}

export interface SummarizeResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'summary': (string);
  'sentenceIndexes': (number)[];
}
