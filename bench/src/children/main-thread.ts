// The control of the event-loop bench: a process that runs a model on its main thread, as a hand-made server does. Where the
// measurement does not see this one block, it sees nothing.
import { onnxBackend } from '@weft/backend-onnx';
import { answerParent } from './answer-parent.ts';

export interface MainThreadOptions {
  readonly modelFile: string;
  readonly count: number;
  readonly runs: number;
}

export type MainThreadQuestions = {
  /** Runs the slow model so often; answers the milliseconds of each run. */
  run(options: MainThreadOptions): Promise<number[]>;
};

async function run({ modelFile, count, runs }: MainThreadOptions): Promise<number[]> {
  const model = await onnxBackend.load(modelFile, { providers: ['cpu'], deviceId: 0, threads: 1 });
  const took: number[] = [];
  for (let done = 0; done < runs; done++) {
    const startMs = performance.now();
    await model.run({ count: { datatype: 'INT64', shape: [1], elements: BigInt64Array.of(BigInt(count)) } });
    took.push(performance.now() - startMs);
    // Back to the event loop, as between two requests.
    await new Promise(setImmediate);
  }
  await model.unload();
  return took;
}

answerParent({ run } satisfies MainThreadQuestions, async () => {});
