// What an image-to-image model gives, as pixels.
import { imageFromFloats, type RgbImage } from '@weft/image';
import { float32Elements, type Tensor } from '@weft/tensor';

/** The image in a tensor [1, height, width, 3] whose full channels are `white`. Uses up the tensor's elements. */
export function imageFromTensor(tensor: Tensor, white: number): RgbImage {
  const [rows, height, width, channels] = tensor.shape;
  if (tensor.shape.length !== 4 || rows !== 1 || channels !== 3) {
    throw new TypeError(`expected a tensor [1, height, width, 3], got [${tensor.shape.join(', ')}]`);
  }
  const floats = float32Elements(tensor);
  if (white !== 1)
    for (let index = 0; index < floats.length; index++) floats[index] = (floats[index] as number) / white;
  return imageFromFloats(floats, { width: width as number, height: height as number });
}
