// Original file: proto/weft/vision/v1/vision.proto

import type { Point as _weft_vision_v1_Point, Point__Output as _weft_vision_v1_Point__Output } from '../../../weft/vision/v1/Point.ts';

export interface TextLine {
  'text'?: (string);
  'score'?: (number | string);
  'polygon'?: (_weft_vision_v1_Point)[];
}

export interface TextLine__Output {
  'text': (string);
  'score': (number);
  'polygon': (_weft_vision_v1_Point__Output)[];
}
