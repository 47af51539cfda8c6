// Everything that touches TensorFlow.js in a thread happens here, one thing at a time. The library has one engine, one
// scope of tensors and one set of flags for the whole thread, and its asynchronous execution lets other code in between.
//
// A run has a scope of its own, so that whatever tensors it made are freed at its end, also when it fails half-way.
// And while it lasts, kept tensors are not freed: tfjs-converter 4.22 frees all tensors that a loop's body made when
// the body returns, even those that the body put into a tensor list and marked as kept, and the loop then trips over
// them. They are freed after the run instead.
import { engine, Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from './engines.ts';

let last: Promise<unknown> = Promise.resolve();

/** Does something when all that was begun before is done. */
export function takeTurn<T>(act: () => Promise<T>): Promise<T> {
  const turn = last.then(act);
  last = turn.catch(() => undefined);
  return turn;
}

/** Runs something on this engine, in its turn, and frees every tensor that was made on the way. */
export function runInTurn<T>(chosen: Engine, run: () => Promise<T>): Promise<T> {
  return takeTurn(async () => {
    await chosen.activate();
    const release = withholdKeptTensors();
    engine().startScope();
    try {
      return await run();
    } finally {
      engine().endScope();
      release();
    }
  });
}

function withholdKeptTensors(): () => void {
  const withheld = new Set<Tensor>();
  const prototype: { dispose(this: Tensor): void } = Tensor.prototype;
  const dispose = Object.getOwnPropertyDescriptor(prototype, 'dispose') as PropertyDescriptor;
  prototype.dispose = function () {
    if (this.kept) withheld.add(this);
    else dispose.value.call(this);
  };
  return () => {
    Object.defineProperty(prototype, 'dispose', dispose);
    for (const tensor of withheld) tensor.dispose();
  };
}
