// A model that makes one image of another: one input FP32 [n, height, width, 3] of any height and width, one output. The
// area of what it takes is limited here, before all runs: the typed calls' images and clients' own tensors alike.
import { invalidArgument } from '@weft/errors';
import type { BackendModel, TensorInterface } from '@weft/runtime';
import type { Tensor, TensorSpec } from '@weft/tensor';

export interface ImageToImage extends TensorInterface {
  /** The output for one tensor of images. */
  enlarge(images: Tensor): Promise<Tensor>;
}

/** Throws INVALID_ARGUMENT when the model takes anything else. `maxPixels` counts all images of a tensor. */
export function imageToImage(model: BackendModel, maxPixels: number): ImageToImage {
  const [input, ...others] = model.inputs;
  const [output] = model.outputs;
  if (input === undefined || others.length > 0 || !takesAnyImage(input)) {
    const inputs = model.inputs.map(written).join(', ');
    throw invalidArgument(`the model should take one tensor FP32 [-1,-1,-1,3], but its inputs are: ${inputs}`);
  }
  if (output === undefined) throw invalidArgument('the model has no output');

  const run: TensorInterface['run'] = async (feeds, outputNames) => {
    checkArea(input.name, feeds[input.name], maxPixels);
    return model.run(feeds, outputNames);
  };
  return {
    inputs: model.inputs,
    outputs: model.outputs,
    run,
    async enlarge(images) {
      const { [output.name]: result } = await run({ [input.name]: images }, [output.name]);
      return result as Tensor;
    },
  };
}

function takesAnyImage({ datatype, shape }: TensorSpec): boolean {
  const [, height, width, channels] = shape;
  return datatype === 'FP32' && shape.length === 4 && height === -1 && width === -1 && channels === 3;
}

/** Tensors that do not fit in other ways are the model's to refuse. */
function checkArea(name: string, images: Tensor | undefined, maxPixels: number): void {
  const [rows = 0, height = 0, width = 0] = images?.shape ?? [];
  const pixels = rows * height * width;
  if (pixels > maxPixels) {
    throw invalidArgument(
      `input '${name}': ${rows}×${height}×${width} is ${pixels} pixels, over the limit of ${maxPixels}`,
    );
  }
}

function written({ name, datatype, shape }: TensorSpec): string {
  return `${name} ${datatype} [${shape.join(',')}]`;
}
