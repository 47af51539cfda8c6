// Second and third part of reading: is a line upside down, and what does it say? Both models take lines of 48 pixels'
// height, several at once.
import { cropImage, imageTensor, type RgbImage } from '@weft/image';
import type { BackendModel } from '@weft/runtime';
import { float32Elements, type Tensor } from '@weft/tensor';
import { decodeCtc, type ReadLetter } from './ctc-decode.ts';
import { lineHeight } from './cut-line.ts';
import { type LineBatchLimits, planLineBatches } from './line-batches.ts';
import { requireTensor } from './require-tensors.ts';

const inputName = 'x';
const pixels = { layout: 'NCHW', order: 'BGR', mean: 127.5, scale: 1 / 127.5 } as const;

const orientation = { output: 'softmax_0.tmp_0', width: 192, surelyTurned: 0.9, maxLines: 32 };
const recognition = { output: 'softmax_11.tmp_0' };
const batchLimits: LineBatchLimits = { widthStep: 64, minWidth: 320, maxLines: 8, maxTotalWidth: 4096 };

/** Tells which lines stand on their head. */
export class LineOrientation {
  readonly #model: BackendModel;

  constructor(model: BackendModel) {
    requireTensor(model.inputs, inputName);
    requireTensor(model.outputs, orientation.output);
    this.#model = model;
  }

  /** For each line whether it is surely upside down, judged by its beginning. */
  async turned(lines: readonly RgbImage[]): Promise<boolean[]> {
    const turned: boolean[] = [];
    for (let start = 0; start < lines.length; start += orientation.maxLines) {
      const batch = lines
        .slice(start, start + orientation.maxLines)
        .map((line) =>
          cropImage(line, { x: 0, y: 0, width: Math.min(line.width, orientation.width), height: lineHeight }),
        );
      const feeds = { [inputName]: imageTensor(batch, pixels, { width: orientation.width, height: lineHeight }) };
      const outputs = await this.#model.run(feeds, [orientation.output]);
      const rows = float32Elements(outputs[orientation.output] as Tensor);
      for (const [row] of batch.entries()) turned.push((rows[row * 2 + 1] as number) > orientation.surelyTurned);
    }
    return turned;
  }
}

export class TextRecognizer {
  readonly #model: BackendModel;
  readonly #letters: readonly string[];

  /** `letters` are the model's classes after the blank. */
  constructor(model: BackendModel, letters: readonly string[]) {
    requireTensor(model.inputs, inputName);
    requireTensor(model.outputs, recognition.output);
    this.#model = model;
    this.#letters = letters;
  }

  /** The letters of each line. `beforeBatch` is called before each run of the model and may throw. */
  async read(lines: readonly RgbImage[], beforeBatch: () => void): Promise<ReadLetter[][]> {
    const read = new Array<ReadLetter[]>(lines.length);
    for (const batch of planLineBatches(
      lines.map(({ width }) => width),
      batchLimits,
    )) {
      beforeBatch();
      const images = batch.lines.map((line) => lines[line] as RgbImage);
      const feeds = { [inputName]: imageTensor(images, pixels, { width: batch.width, height: lineHeight }) };
      const outputs = await this.#model.run(feeds, [recognition.output]);
      const probabilities = outputs[recognition.output] as Tensor;
      const perLine = float32Elements(probabilities).length / images.length;
      for (const [row, line] of batch.lines.entries()) {
        read[line] = decodeCtc(
          float32Elements(probabilities).subarray(row * perLine, (row + 1) * perLine),
          this.#letters,
        );
      }
    }
    return read;
  }
}
