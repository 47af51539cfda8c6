// The weights of a model, by name. Bytes stay as they are stored until a layer asks for a weight: what no layer asks
// for (an optimizer's state) is never decoded.
import { WeftError } from '@weft/errors';
import { elementCount } from '@weft/tensor';
import { decodeWeight, type Quantization, storedBytes } from './decode-weight.ts';
import { readShards } from './read-shards.ts';

export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization: Quantization | undefined;
  readonly byteLength: number;
}

/** Finds a weight by its layer's path through nested models (outermost first, the layer's name last) and its own name. */
export type FindWeight = (path: readonly string[], weight: string) => Weight | undefined;

/** Reads all groups of a weights manifest; the shards lie in `folder`. */
export async function readWeights(folder: string, manifest: unknown): Promise<FindWeight> {
  const stored = new Map<string, { weight: StoredWeight; bytes: Uint8Array }>();
  for (const group of list(manifest)) {
    const weights = list(member(group, 'weights')).map(parseWeight);
    const total = weights.reduce((sum, weight) => sum + weight.byteLength, 0);
    const bytes = await readShards(folder, list(member(group, 'paths')).map(path), total);
    let at = 0;
    for (const weight of weights) {
      if (stored.has(weight.name)) throw malformed(`weight ${weight.name} is there twice`);
      stored.set(weight.name, { weight, bytes: bytes.subarray(at, at + weight.byteLength) });
      at += weight.byteLength;
    }
  }
  return (layerPath, weightName) => {
    const found = storedName(stored, layerPath, weightName);
    return found === undefined ? undefined : decode(found.weight, found.bytes);
  };
}

/** Writers name a nested layer's weights with its whole path, with a part of it, or with the layer's name alone; Keras adds a level at times. */
function storedName<T>(stored: ReadonlyMap<string, T>, path: readonly string[], weight: string): T | undefined {
  for (let from = 0; from < path.length; from++) {
    const exact = stored.get([...path.slice(from), weight].join('/'));
    if (exact !== undefined) return exact;
  }
  const layer = path.at(-1) ?? '';
  const within = [...stored.keys()].filter((name) => `/${name}`.includes(`/${layer}/`) && name.endsWith(`/${weight}`));
  return within.length === 1 ? stored.get(within[0] ?? '') : undefined;
}

function decode(weight: StoredWeight, bytes: Uint8Array): Weight {
  if (weight.dtype !== 'float32') throw malformed(`weight ${weight.name} is of type ${weight.dtype}, not float32`);
  return { shape: weight.shape, values: decodeWeight(bytes, weight.quantization) };
}

function parseWeight(entry: unknown): StoredWeight {
  const name = member(entry, 'name');
  if (typeof name !== 'string') throw malformed('a weight without a name');
  const shape = list(member(entry, 'shape')).map((size) => {
    if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
    throw malformed(`weight ${name} has no valid shape`);
  });
  const dtype = String(member(entry, 'dtype'));
  const quantization = parseQuantization(name, member(entry, 'quantization'));
  const format = quantization?.dtype ?? dtype;
  if (!isStored(format)) throw malformed(`weight ${name} is stored as ${format}`);
  return { name, shape, dtype, quantization, byteLength: elementCount(shape) * storedBytes[format] };
}

function parseQuantization(weight: string, entry: unknown): Quantization | undefined {
  if (entry === undefined || entry === null) return undefined;
  const dtype = member(entry, 'dtype');
  if (dtype === 'float16') return { dtype, scale: 1, min: 0 };
  const scale = member(entry, 'scale');
  const min = member(entry, 'min');
  if ((dtype === 'uint8' || dtype === 'uint16') && typeof scale === 'number' && typeof min === 'number')
    return { dtype, scale, min };
  throw malformed(`weight ${weight} has an unknown quantization`);
}

function isStored(format: string): format is keyof typeof storedBytes {
  return Object.hasOwn(storedBytes, format);
}

function path(entry: unknown): string {
  if (typeof entry !== 'string' || entry.includes('\0')) throw malformed('a path that is not text');
  return entry;
}

function list(json: unknown): unknown[] {
  if (!Array.isArray(json)) throw malformed('a list is missing');
  return json;
}

function member(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, key)
    ? (json as Record<string, unknown>)[key]
    : undefined;
}

function malformed(message: string): WeftError {
  return new WeftError('INVALID_ARGUMENT', `weightsManifest: ${message}`);
}
