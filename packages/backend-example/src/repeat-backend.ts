// Triton's example `repeat`: one response for each element of IN, after the time in DELAY (milliseconds), with the element (OUT)
// and its index (IDX). WAIT (milliseconds) is how long the instance takes no further request; responses go on meanwhile.
import { invalidArgument } from '@weft/errors';
import type { Backend, BackendModel, StreamContext } from '@weft/runtime';
import { int32Tensor, type Tensor, type TensorMap } from '@weft/tensor';
import { attended, examplePlacement, exampleSlots, onlyResponse, pause, requireTensors } from './example-model.ts';

export const repeatBackend: Backend = {
  name: 'repeat',
  async load(_path, { configured }) {
    const tensors = requireTensors('repeat', configured, {
      inputs: { IN: 'INT32', DELAY: 'UINT32', WAIT: 'UINT32' },
      outputs: { OUT: 'INT32', IDX: 'UINT32' },
    });
    return new RepeatModel(tensors);
  },
};

class RepeatModel implements BackendModel {
  readonly inputs: BackendModel['inputs'];
  readonly outputs: BackendModel['outputs'];
  readonly placement = examplePlacement;
  readonly streamSlots = exampleSlots;
  /** Resolves when the instance takes the next request. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ inputs, outputs }: Pick<BackendModel, 'inputs' | 'outputs'>) {
    this.inputs = inputs;
    this.outputs = outputs;
  }

  async *stream(feeds: TensorMap, context: StreamContext): AsyncGenerator<TensorMap, void, undefined> {
    const [values, delays, wait] = ['IN', 'DELAY', 'WAIT'].map((name) => elementsOf(feeds[name]));
    if (values === undefined || delays === undefined || values.length !== delays.length)
      throw invalidArgument(
        `expected IN and DELAY shape to match, got ${shapeOf(feeds['IN'])} and ${shapeOf(feeds['DELAY'])}`,
      );
    await this.#enter(wait?.[0] ?? 0, context);
    for (const [index, value] of values.entries()) {
      await pause(delays[index] ?? 0, context);
      yield {
        OUT: int32Tensor([1], Int32Array.of(value)),
        IDX: { datatype: 'UINT32', shape: [1], elements: Uint32Array.of(index) },
      };
    }
  }

  run(feeds: TensorMap): Promise<TensorMap> {
    return onlyResponse(this.stream(feeds, attended));
  }

  async unload(): Promise<void> {}

  async #enter(waitMs: number, context: StreamContext): Promise<void> {
    const turn = this.#turn;
    // Who has left holds up nobody.
    const held = turn.then(() => pause(waitMs, context)).catch(() => {});
    this.#turn = held;
    await turn;
    context.throwIfGone();
  }
}

function elementsOf(tensor: Tensor | undefined): readonly number[] | undefined {
  return tensor === undefined ? undefined : Array.from(tensor.elements as Int32Array | Uint32Array);
}

function shapeOf(tensor: Tensor | undefined): string {
  return `[${tensor?.shape.join(',') ?? ''}]`;
}
