// Triton's example `square`: as many responses as the number in IN says, each with that number (OUT).
import type { Backend, BackendModel, StreamContext } from '@weft/runtime';
import { int32Tensor, type TensorMap } from '@weft/tensor';
import { attended, examplePlacement, exampleSlots, onlyResponse, pause, requireTensors } from './example-model.ts';

export const squareBackend: Backend = {
  name: 'square',
  async load(_path, { configured }): Promise<BackendModel> {
    const tensors = requireTensors('square', configured, { inputs: { IN: 'INT32' }, outputs: { OUT: 'INT32' } });
    return {
      ...tensors,
      placement: examplePlacement,
      streamSlots: exampleSlots,
      stream: squares,
      run: (feeds) => onlyResponse(squares(feeds, attended)),
      async unload() {},
    };
  },
};

async function* squares({ IN }: TensorMap, context: StreamContext): AsyncGenerator<TensorMap, void, undefined> {
  const [times = 0] = (IN?.elements ?? []) as Int32Array;
  for (let count = 0; count < times; count++) {
    await pause(0, context);
    yield { OUT: int32Tensor(IN?.shape.map(() => 1) ?? [1], Int32Array.of(times)) };
  }
}
