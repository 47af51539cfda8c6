// A model of the Universal Sentence Encoder lite's form (Cer et al., arXiv 1803.11175): token ids as the sparse matrix
// `indices` [tokens,2] = (row, position) and `values` [tokens], one vector of unit length for each row out. Rows are lists
// of token ids.
import { invalidArgument } from '@weft/errors';
import type { BackendModel, RowModel } from '@weft/runtime';
import { float32Elements, int32Tensor, type Tensor } from '@weft/tensor';
import { planRuns } from './plan-runs.ts';
import type { Tokenizer } from './unigram-tokenizer.ts';

export type TokenIds = readonly number[];

export interface SentenceEncoder extends RowModel<TokenIds, Float32Array> {
  /** The tokens of a text that the model reads: the first `maxTokens`. */
  readonly tokenIds: (text: string) => TokenIds;
}

/** In tokens. Measured: a run costs about 15 ms and a token 0.35 ms; beyond 2,048 tokens a token only gets dearer. */
const runCosts = { perRun: 40, maxRunSize: 2048 };

/** Stands behind a last row that is empty: the model takes the greatest row in `indices` for the number of rows. */
const sentinel: TokenIds = [0];

export interface EncoderLimits {
  /** Of one text. */
  readonly maxTokens: number;
  /** Texts of one run. */
  readonly maxRows: number;
}

/** Throws INVALID_ARGUMENT when the model is not of this form. */
export function createSentenceEncoder(
  model: BackendModel,
  tokenizer: Tokenizer,
  { maxTokens, maxRows }: EncoderLimits,
): SentenceEncoder {
  const output = model.outputs.find(({ datatype }) => datatype === 'FP32')?.name;
  const inputs = model.inputs.map(({ name, datatype }) => `${datatype} ${name}`).sort();
  if (output === undefined || inputs.join() !== 'INT32 indices,INT32 values') {
    throw invalidArgument(
      `a sentence encoder has the inputs INT32 indices, INT32 values and an FP32 output; this model has ${inputs.join(', ')}`,
    );
  }
  return {
    tokenIds: (text) => tokenizer.tokenize(text, maxTokens).ids,
    plan: (rows) =>
      planRuns(
        rows.map(({ length }) => Math.max(length, 1)),
        { ...runCosts, maxRows },
      ),
    async infer(rows) {
      const fed = rows.at(-1)?.length === 0 ? [...rows, sentinel] : rows;
      const { [output]: vectors } = await model.run(sparseRows(fed), [output]);
      return splitRows(vectors as Tensor, rows.length);
    },
  };
}

function sparseRows(rows: readonly TokenIds[]): { indices: Tensor; values: Tensor } {
  const count = rows.reduce((sum, { length }) => sum + length, 0);
  const indices = new Int32Array(count * 2);
  const values = new Int32Array(count);
  let token = 0;
  for (const [row, ids] of rows.entries()) {
    for (const [position, id] of ids.entries()) {
      indices[token * 2] = row;
      indices[token * 2 + 1] = position;
      values[token] = id;
      token += 1;
    }
  }
  return { indices: int32Tensor([count, 2], indices), values: int32Tensor([count], values) };
}

function splitRows(vectors: Tensor, rows: number): Float32Array[] {
  const elements = float32Elements(vectors);
  const dimension = vectors.shape[1] ?? 0;
  if (dimension === 0 || elements.length < rows * dimension) {
    throw new RangeError(`the model gave shape [${vectors.shape.join(',')}] for ${rows} rows`);
  }
  return Array.from({ length: rows }, (_, row) => elements.subarray(row * dimension, (row + 1) * dimension));
}
