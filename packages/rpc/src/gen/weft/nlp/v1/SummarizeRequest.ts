// Original file: proto/weft/nlp/v1/nlp.proto


export interface SummarizeRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'text'?: (string);
  'maxSentences'?: (number);
}

export interface SummarizeRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'text': (string);
  'maxSentences': (number);
}
