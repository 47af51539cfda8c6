// The model by itself, without any server: what the right answers are, and how long a run takes.
import { onnxBackend } from '@weft/backend-onnx';
import { float32Elements, float32Tensor } from '@weft/tensor';
import { median } from '../statistics.ts';
import { answerParent } from './answer-parent.ts';

export interface ReferenceOptions {
  readonly modelFile: string;
  readonly threads: number;
  readonly rows: readonly Float32Array[];
  /** To be timed. */
  readonly batchSizes: readonly number[];
}

export interface Reference {
  /** The first value of the answer to each row. */
  readonly firstValues: readonly number[];
  readonly times: readonly { readonly rows: number; readonly ms: number }[];
}

export type ReferenceQuestions = { infer(options: ReferenceOptions): Promise<Reference> };

const timedRuns = 15;

async function infer({ modelFile, threads, rows, batchSizes }: ReferenceOptions): Promise<Reference> {
  const model = await onnxBackend.load(modelFile, { providers: ['cpu'], deviceId: 0, threads });
  const run = async (batch: readonly Float32Array[]): Promise<Float32Array> => {
    const size = (batch[0] as Float32Array).length;
    const elements = new Float32Array(batch.length * size);
    for (const [at, row] of batch.entries()) elements.set(row, at * size);
    const { y } = await model.run({ x: float32Tensor([batch.length, size], elements) });
    if (y === undefined) throw new Error('the model has no output y');
    return float32Elements(y);
  };
  const firstValues: number[] = [];
  for (const row of rows) firstValues.push((await run([row]))[0] as number);
  const times = batchSizes.map((size) => ({ rows: size, taken: [] as number[] }));
  for (let done = 0; done <= timedRuns; done++) {
    for (const { rows: size, taken } of times) {
      const batch = Array.from({ length: size }, (_, at) => rows[at % rows.length] as Float32Array);
      const startMs = performance.now();
      await run(batch);
      // The first run of a size pays for its memory.
      if (done > 0) taken.push(performance.now() - startMs);
    }
  }
  await model.unload();
  return { firstValues, times: times.map(({ rows: size, taken }) => ({ rows: size, ms: median(taken) })) };
}

answerParent({ infer } satisfies ReferenceQuestions, async () => {});
