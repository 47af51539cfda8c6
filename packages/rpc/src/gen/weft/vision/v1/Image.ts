// Original file: proto/weft/vision/v1/image.proto

import type { RawImage as _weft_vision_v1_RawImage, RawImage__Output as _weft_vision_v1_RawImage__Output } from '../../../weft/vision/v1/RawImage.ts';

export interface Image {
  'encoded'?: (Buffer | Uint8Array | string);
  'raw'?: (_weft_vision_v1_RawImage | null);
  'source'?: "encoded"|"raw";
}

export interface Image__Output {
  'encoded'?: (Buffer);
  'raw'?: (_weft_vision_v1_RawImage__Output | null);
  'source'?: "encoded"|"raw";
}
