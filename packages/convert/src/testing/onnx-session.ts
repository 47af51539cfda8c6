// For tests: onnxruntime, as a backend would open a model.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { FloatTensor } from './tfjs-reference.ts';

export async function openOnnx(onnx: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

/** Feeds the inputs in the model's order; gives back the outputs in the model's order. */
export async function inferOnnx(session: InferenceSession, inputs: readonly FloatTensor[]): Promise<FloatTensor[]> {
  const feeds = Object.fromEntries(
    session.inputNames.map((name, index) => {
      const { shape, values } = inputs[index] ?? { shape: [0], values: new Float32Array(0) };
      return [name, new Tensor('float32', values, shape)];
    }),
  );
  const results = await session.run(feeds);
  return session.outputNames.map((name) => {
    const tensor = results[name];
    return { shape: tensor?.dims ?? [], values: tensor?.data as Float32Array };
  });
}
