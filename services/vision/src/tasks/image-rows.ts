// A model of one input of a fixed size as a model of rows: one row is one image. Many files are made for exactly one image
// a run: their first dimension says 1 where it could be open, and then each image runs alone.
import type { BackendModel, RowModel } from '@weft/runtime';
import { splitRows, type Tensor, type TensorMap } from '@weft/tensor';

export interface ImageRows<Row> {
  readonly model: BackendModel;
  /** Name of the input. */
  readonly input: string;
  /** Absent: all. */
  readonly outputs?: readonly string[];
  /** Rows of one run, where the model leaves them open. */
  readonly maxRows: number;
  /** The input for these rows. */
  readonly feed: (rows: readonly Row[]) => Tensor;
}

/** The outputs of each row, with a first dimension of 1. */
export function imageRows<Row>({ model, input, outputs, maxRows, feed }: ImageRows<Row>): RowModel<Row, TensorMap> {
  const open = model.inputs.find(({ name }) => name === input)?.shape[0] === -1;
  const perRun = open ? maxRows : 1;
  return {
    plan: (rows) =>
      Array.from({ length: Math.ceil(rows.length / perRun) }, (_, run) =>
        [...rows.keys()].slice(run * perRun, (run + 1) * perRun),
      ),
    async infer(rows) {
      const found = await model.run({ [input]: feed(rows) }, outputs);
      if (rows.length === 1) return [found];
      const parts = Object.entries(found).map(([name, tensor]) => {
        if (tensor.shape[0] !== rows.length)
          throw new TypeError(`output '${name}' has ${tensor.shape[0]} rows for ${rows.length} images`);
        return { name, rows: splitRows(tensor, new Array<number>(rows.length).fill(1)) };
      });
      return rows.map((_, row) => Object.fromEntries(parts.map((part) => [part.name, part.rows[row] as Tensor])));
    },
  };
}
