// The keys and values that attention has computed, of sequences that are decoded together: one row each. Rows are aligned at their
// end, where the model appends, and padded at their beginning. So what a step gives is what the next step takes, as it is; rows
// are copied only when sequences join.
import { type Datatype, datatypes, type Tensor, type TypedArray } from '@weft/tensor';

/** One tensor of the cache: keys or values of one layer, [rows, heads, columns, width]. */
export interface CachePart {
  readonly input: string;
  readonly output: string;
  readonly datatype: Exclude<Datatype, 'BYTES'>;
  readonly heads: number;
  readonly width: number;
}

export interface Cache {
  /** Tokens of each row. */
  readonly lengths: readonly number[];
  /** Tokens that there is room for, at least the longest row's. */
  readonly columns: number;
  /** In the order of the layout. */
  readonly parts: readonly TypedArray[];
}

export interface CacheRow {
  readonly cache: Cache;
  readonly row: number;
}

/** One row without tokens. */
export function emptyCache(layout: readonly CachePart[]): Cache {
  return { lengths: [0], columns: 0, parts: layout.map(({ datatype }) => new datatypes[datatype].array(0)) };
}

/** The tensor of a part, which shares its memory with the cache. */
export function cacheTensor({ datatype, heads, width }: CachePart, cache: Cache, index: number): Tensor {
  const shape = [cache.lengths.length, heads, cache.columns, width];
  return { datatype, shape, elements: cache.parts[index] as TypedArray };
}

/** A new cache of these rows, no wider than the longest. */
export function gatherRows(layout: readonly CachePart[], rows: readonly CacheRow[]): Cache {
  const lengths = rows.map(({ cache, row }) => cache.lengths[row] as number);
  const columns = Math.max(0, ...lengths);
  const parts = layout.map(({ datatype, heads, width }, part) => {
    const target = new datatypes[datatype].array(rows.length * heads * columns * width);
    for (const [to, { cache, row }] of rows.entries()) {
      const source = cache.parts[part] as TypedArray;
      const length = lengths[to] as number;
      for (let head = 0; head < heads; head++) {
        const from = ((row * heads + head + 1) * cache.columns - length) * width;
        const at = ((to * heads + head + 1) * columns - length) * width;
        target.set(source.subarray(from, from + length * width) as never, at);
      }
    }
    return target;
  });
  return { lengths, columns, parts };
}

/** The cache without one row, in whose place the last one is now. It takes the memory over: the old one is not to be used again. */
export function withoutRow(cache: Cache, row: number): Cache {
  const { columns } = cache;
  const last = cache.lengths.length - 1;
  const lengths = [...cache.lengths];
  lengths[row] = lengths[last] as number;
  lengths.pop();
  const parts = cache.parts.map((part) => {
    const size = part.length / (last + 1);
    if (row !== last) part.copyWithin(row * size, last * size, (last + 1) * size);
    return part.subarray(0, last * size);
  });
  return { lengths, columns, parts };
}

/** Columns that no row needs. */
export function spareColumns({ lengths, columns }: Cache): number {
  return columns - Math.max(0, ...lengths);
}
