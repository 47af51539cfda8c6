// A model that makes images of noise: an input FP32 [n, length], where it is told what to make also one of label numbers [n], and an
// output FP32 [n, channels, height, width] or [n, height, width, channels], of 1 or 3 channels.
import { invalidArgument } from '@weft/errors';
import { type RgbImage, rgbImage } from '@weft/image';
import type { BackendModel, RowModel } from '@weft/runtime';
import { float32Elements, float32Tensor, int32Tensor, int64Tensor, type Tensor, type TensorSpec } from '@weft/tensor';

/** What one image is made of. */
export interface ImageSeed {
  readonly noise: Float32Array;
  readonly label: number;
}

export interface NoiseToImage {
  readonly noiseLength: number;
  /** Whether it is told what to make. */
  readonly labelled: boolean;
  readonly images: RowModel<ImageSeed, RgbImage>;
}

export interface NoiseToImageOptions {
  readonly model: BackendModel;
  /** Images of one run. */
  readonly maxRows: number;
  /** The values in the output that stand for no light and for full light. */
  readonly black: number;
  readonly white: number;
}

/** Throws INVALID_ARGUMENT when the model takes or gives anything else. */
export function noiseToImage({ model, maxRows, black, white }: NoiseToImageOptions): NoiseToImage {
  const noise = model.inputs.find(({ datatype, shape }) => datatype === 'FP32' && shape.length === 2);
  const label = model.inputs.find(({ datatype, shape }) => labelTypes.has(datatype) && shape.length === 1);
  const [output] = model.outputs;
  const noiseLength = noise?.shape[1] ?? -1;
  const known = [noise, label].filter((input) => input !== undefined);
  if (noise === undefined || noiseLength < 1 || known.length !== model.inputs.length) {
    const inputs = model.inputs.map(written).join(', ');
    throw invalidArgument(`the model should take noise FP32 [-1,length] and labels INT64 [-1], but takes: ${inputs}`);
  }
  if (output === undefined || output.datatype !== 'FP32' || channelsAt(output.shape) === undefined)
    throw invalidArgument(
      `the model should give images FP32 [-1,3,height,width], but gives: ${model.outputs.map(written).join(', ')}`,
    );

  const images: RowModel<ImageSeed, RgbImage> = {
    plan: (rows) =>
      Array.from({ length: Math.ceil(rows.length / maxRows) }, (_, run) =>
        [...rows.keys()].slice(run * maxRows, (run + 1) * maxRows),
      ),
    async infer(rows) {
      const all = new Float32Array(rows.length * noiseLength);
      for (const [index, row] of rows.entries()) all.set(row.noise, index * noiseLength);
      const labels = label === undefined ? {} : { [label.name]: labelTensor(label, rows) };
      const feeds = { [noise.name]: float32Tensor([rows.length, noiseLength], all), ...labels };
      const { [output.name]: result } = await model.run(feeds, [output.name]);
      return imagesOf(result as Tensor, { black, white });
    },
  };
  return { noiseLength, labelled: label !== undefined, images };
}

const labelTypes: ReadonlySet<string> = new Set(['INT64', 'INT32']);

function labelTensor({ datatype }: TensorSpec, rows: readonly ImageSeed[]): Tensor {
  const labels = rows.map(({ label }) => label);
  return datatype === 'INT64'
    ? int64Tensor([rows.length], BigInt64Array.from(labels, BigInt))
    : int32Tensor([rows.length], Int32Array.from(labels));
}

/** The dimension of the channels; undefined: it is no image. */
function channelsAt(shape: readonly number[]): 1 | 3 | undefined {
  if (shape.length !== 4) return undefined;
  return ([1, 3] as const).find((dimension) => shape[dimension] === 1 || shape[dimension] === 3);
}

function imagesOf(tensor: Tensor, { black, white }: Pick<NoiseToImageOptions, 'black' | 'white'>): RgbImage[] {
  const { shape } = tensor;
  const floats = float32Elements(tensor);
  const first = channelsAt(shape) === 1;
  const [count, channels] = [shape[0] as number, shape[first ? 1 : 3] as number];
  const [height, width] = [shape[first ? 2 : 1] as number, shape[first ? 3 : 2] as number];
  const area = width * height;
  // From a value to its neighbours: the next channel, the next pixel.
  const [channelStep, pixelStep] = first ? [area, 1] : [1, channels];
  return Array.from({ length: count }, (_, index) => {
    const pixels = new Uint8ClampedArray(area * 3); // rounds and clamps on assignment
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        const at = index * area * channels + pixel * pixelStep + (channels === 1 ? 0 : channel * channelStep);
        pixels[pixel * 3 + channel] = (((floats[at] as number) - black) / (white - black)) * 255;
      }
    }
    return rgbImage(width, height, new Uint8Array(pixels.buffer));
  });
}

function written({ name, datatype, shape }: TensorSpec): string {
  return `${name} ${datatype} [${shape.join(',')}]`;
}
