// Memory that is given back at once. The garbage collector hears of a tensor's memory late, since it lies outside of its heap, and then
// marks everything there is: where a loop makes megabytes with every step, that costs more than a tenth of its time.
import { MessageChannel } from 'node:worker_threads';
import type { TypedArray } from './tensor.ts';

/** Nobody listens: what is transferred to it is gone. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/** Frees the whole memory below these arrays, which are empty afterwards, as are all others that share it. */
export function freeMemory(arrays: readonly TypedArray[]): void {
  const buffers = new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer).filter(({ byteLength }) => byteLength > 0));
  if (buffers.size > 0) nowhere.postMessage(undefined, [...buffers]);
}
