// Original file: proto/weft/vision/v1/vision.proto


export interface Keypoint {
  'name'?: (string);
  'x'?: (number | string);
  'y'?: (number | string);
  'score'?: (number | string);
}

export interface Keypoint__Output {
  'name': (string);
  'x': (number);
  'y': (number);
  'score': (number);
}
