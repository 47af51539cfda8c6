// Original file: proto/weft/vision/v1/image.proto


export interface RawImage {
  'width'?: (number);
  'height'?: (number);
  'channels'?: (number);
  'pixels'?: (Buffer | Uint8Array | string);
}

export interface RawImage__Output {
  'width': (number);
  'height': (number);
  'channels': (number);
  'pixels': (Buffer);
}
