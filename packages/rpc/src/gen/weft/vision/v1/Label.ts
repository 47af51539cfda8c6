// Original file: proto/weft/vision/v1/vision.proto


export interface Label {
  'name'?: (string);
  'score'?: (number | string);
}

export interface Label__Output {
  'name': (string);
  'score': (number);
}
