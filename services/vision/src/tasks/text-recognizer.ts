// Second and third part of reading: is a line upside down, and what does it say? Both models take lines of 48 pixels'
// height, several at once, whatever page they are of.
import { cropImage, imageTensor, type RgbImage } from '@weft/image';
import type { BackendModel, RowModel } from '@weft/runtime';
import { float32Elements, type Tensor } from '@weft/tensor';
import { decodeCtc, type ReadLetter } from './ctc-decode.ts';
import { lineHeight } from './cut-line.ts';
import { type LineBatchLimits, paddedWidth, planLineBatches } from './line-batches.ts';
import { requireTensor } from './require-tensors.ts';

const inputName = 'x';
const pixels = { layout: 'NCHW', order: 'BGR', mean: 127.5, scale: 1 / 127.5 } as const;

const orientation = { output: 'softmax_0.tmp_0', width: 192, surelyTurned: 0.9, maxLines: 32 };
const recognition = { output: 'softmax_11.tmp_0' };
const widths = { widthStep: 64, minWidth: 320 };

/** Tells which lines stand on their head: true for a line that surely is upside down, judged by its beginning. */
export class LineOrientation implements RowModel<RgbImage, boolean> {
  readonly #model: BackendModel;

  constructor(model: BackendModel) {
    requireTensor(model.inputs, inputName);
    requireTensor(model.outputs, orientation.output);
    this.#model = model;
  }

  plan(lines: readonly RgbImage[]): number[][] {
    const { maxLines, width } = orientation;
    return planLineBatches(new Array<number>(lines.length).fill(width), {
      widthStep: width,
      minWidth: width,
      maxTotalWidth: maxLines * width,
    });
  }

  async infer(lines: readonly RgbImage[]): Promise<boolean[]> {
    const { width, output, surelyTurned } = orientation;
    const beginnings = lines.map((line) =>
      cropImage(line, { x: 0, y: 0, width: Math.min(line.width, width), height: lineHeight }),
    );
    const feeds = { [inputName]: imageTensor(beginnings, pixels, { width, height: lineHeight }) };
    const { [output]: result } = await this.#model.run(feeds, [output]);
    const rows = float32Elements(result as Tensor);
    return lines.map((_, row) => (rows[row * 2 + 1] as number) > surelyTurned);
  }
}

/** Reads the letters of lines. */
export class TextRecognizer implements RowModel<RgbImage, ReadLetter[]> {
  readonly #model: BackendModel;
  readonly #letters: readonly string[];
  readonly #limits: LineBatchLimits;

  /** `letters` are the model's classes after the blank; `maxPixels` is of one run. */
  constructor(model: BackendModel, letters: readonly string[], maxPixels: number) {
    requireTensor(model.inputs, inputName);
    requireTensor(model.outputs, recognition.output);
    this.#model = model;
    this.#letters = letters;
    this.#limits = { ...widths, maxTotalWidth: maxPixels / lineHeight };
  }

  plan(lines: readonly RgbImage[]): number[][] {
    return planLineBatches(
      lines.map(({ width }) => width),
      this.#limits,
    );
  }

  async infer(lines: readonly RgbImage[]): Promise<ReadLetter[][]> {
    const width = paddedWidth(Math.max(...lines.map((line) => line.width)), this.#limits);
    const feeds = { [inputName]: imageTensor(lines, pixels, { width, height: lineHeight }) };
    const { [recognition.output]: result } = await this.#model.run(feeds, [recognition.output]);
    const probabilities = float32Elements(result as Tensor);
    const perLine = probabilities.length / lines.length;
    return lines.map((_, row) => decodeCtc(probabilities.subarray(row * perLine, (row + 1) * perLine), this.#letters));
  }
}
