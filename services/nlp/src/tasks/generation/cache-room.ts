// How many tokens the caches of an instance may hold, and who fits beside those that are there. The slots say how many texts there are at
// once, not how long they are: 64 long ones can need more memory than there is, and then the process is gone with all of them.
import { datatypes } from '@weft/tensor';
import type { CachePart } from './cache.ts';

/**
 * Of the memory that the process may have, where the model's configuration says nothing. A step has the cache thrice: what it is given,
 * what the runtime makes of it, and that in the thread's own memory. Padding makes it twice as large at worst. Then an eighth is three
 * quarters.
 */
const memoryShare = 1 / 8;

/** Tokens; at least one. */
export function defaultCacheTokens(layout: readonly CachePart[], memoryBytes: number): number {
  const tokenBytes = layout.reduce((sum, { datatype, heads, width }) => sum + heads * width * bytesOf(datatype), 0);
  return Math.max(1, Math.floor((memoryShare * memoryBytes) / tokenBytes));
}

function bytesOf(datatype: CachePart['datatype']): number {
  return datatypes[datatype].array.BYTES_PER_ELEMENT;
}

/**
 * How many of those who wait, in the order of arrival, fit into `room`, all in tokens. Nobody overtakes: whoever needs much would
 * otherwise wait for as long as somebody comes who needs little.
 */
export function countFitting(waiting: readonly number[], room: number): number {
  let left = room;
  const beyond = waiting.findIndex((tokens) => (left -= tokens) < 0);
  return beyond === -1 ? waiting.length : beyond;
}
