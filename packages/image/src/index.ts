export { decodeEncodedImage, decodeImage, type ImageLimits } from './decode-image.ts';
export { drawMarks, type Mark } from './draw-marks.ts';
export { encodeImage } from './encode-image.ts';
export { type EncodedFormat } from './encoded-format.ts';
export { imageFromFloats, imageTensor, type PixelScaling } from './image-tensor.ts';
export { type ImagePage, imagePages } from './image-pages.ts';
export { type ImageSize, planImageRuns } from './plan-image-runs.ts';
export {
  cropImage,
  fromLetterbox,
  type ImagePart,
  type Letterbox,
  letterboxImage,
  type LetterboxOptions,
  pasteImage,
  type ResizeKernel,
  resizeImage,
} from './resize-image.ts';
export { blankImage, type Rgb, type RgbImage, rgbImage } from './rgb-image.ts';
export { type Point, type Quad, unwarpImage } from './unwarp-image.ts';
