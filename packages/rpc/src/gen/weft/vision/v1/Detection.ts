// Original file: proto/weft/vision/v1/vision.proto

import type { Box as _weft_vision_v1_Box, Box__Output as _weft_vision_v1_Box__Output } from '../../../weft/vision/v1/Box.ts';
import type { Keypoint as _weft_vision_v1_Keypoint, Keypoint__Output as _weft_vision_v1_Keypoint__Output } from '../../../weft/vision/v1/Keypoint.ts';

export interface Detection {
  'label'?: (string);
  'score'?: (number | string);
  'box'?: (_weft_vision_v1_Box | null);
  'keypoints'?: (_weft_vision_v1_Keypoint)[];
  'trackId'?: (number);
}

export interface Detection__Output {
  'label': (string);
  'score': (number);
  'box': (_weft_vision_v1_Box__Output | null);
  'keypoints': (_weft_vision_v1_Keypoint__Output)[];
  'trackId': (number);
}
