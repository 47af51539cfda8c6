// Original file: proto/weft/vision/v1/vision.proto

import type { TextLine as _weft_vision_v1_TextLine, TextLine__Output as _weft_vision_v1_TextLine__Output } from '../../../weft/vision/v1/TextLine.ts';

export interface ReadTextResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'lines'?: (_weft_vision_v1_TextLine)[];
}

export interface ReadTextResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'lines': (_weft_vision_v1_TextLine__Output)[];
}
