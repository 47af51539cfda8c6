// Reads a model.json and the weight files beside it. The paths of those files come from the JSON, which may be
// anybody's: each is followed to its real place, and must end inside the model's own folder.
import { type FileHandle, open, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { invalidArgument, WeftError } from '@weft/errors';
import type { ModelNeeds } from './engines.ts';

export interface ModelFiles {
  readonly format: 'graph' | 'layers';
  readonly artifacts: io.ModelArtifacts;
  readonly needs: ModelNeeds;
}

/** Rejects with INVALID_ARGUMENT when a file is missing, lies elsewhere, is too short, or is no model of TensorFlow.js. */
export async function readModelArtifacts(path: string): Promise<ModelFiles> {
  const json = await readJson(path);
  const topology = json.modelTopology as Topology | null | undefined;
  if (typeof topology !== 'object' || topology === null) {
    throw invalidArgument(`${basename(path)} is no model of TensorFlow.js: it has no modelTopology`);
  }
  try {
    return {
      format: Array.isArray(topology.node) ? 'graph' : 'layers',
      artifacts: await io.getModelArtifactsForJSON(json, (manifest) => readWeights(manifest, dirname(path))),
      needs: needsOf(topology),
    };
  } catch (cause) {
    if (cause instanceof WeftError) throw cause;
    const message = `the model file ${basename(path)} is damaged: its modelTopology or weightsManifest is malformed`;
    throw new WeftError('INVALID_ARGUMENT', message, { cause });
  }
}

interface GraphNode {
  readonly op: string;
  readonly attr?: Readonly<Record<string, { readonly type?: unknown } | null>>;
}

/** Of a graph; a layers model has other fields. */
interface Topology {
  readonly node?: readonly GraphNode[];
  /** What loops and branches call. */
  readonly library?: { readonly function?: readonly { readonly nodeDef?: readonly GraphNode[] }[] };
}

function needsOf({ node = [], library }: Topology): ModelNeeds {
  const nodes = [...node, ...(library?.function ?? []).flatMap(({ nodeDef }) => nodeDef ?? [])];
  return { operators: new Set(nodes.map(({ op }) => op)), strings: nodes.some(takesStrings) };
}

function takesStrings({ attr }: GraphNode): boolean {
  return Object.values(attr ?? {}).some((value) => value?.type === 'DT_STRING' || value?.type === 7);
}

async function readJson(path: string): Promise<io.ModelJSON> {
  const name = basename(path);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new WeftError('INVALID_ARGUMENT', `the model file ${name} cannot be read`, { cause });
  });
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as io.ModelJSON;
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `the model file ${name} is not JSON`, { cause });
  }
  throw invalidArgument(`the model file ${name} holds no JSON object`);
}

async function readWeights(
  manifest: io.WeightsManifestConfig,
  folder: string,
): Promise<[io.WeightsManifestEntry[], ArrayBuffer]> {
  const specs = manifest.flatMap((group) => group.weights);
  const shards: FileHandle[] = [];
  try {
    const sizes: number[] = [];
    for (const path of manifest.flatMap((group) => group.paths)) {
      const shard = await openShard(folder, path);
      shards.push(shard);
      sizes.push((await shard.stat()).size);
    }
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const expected = weightBytes(specs);
    if (total < expected)
      throw invalidArgument(`the model's weight files hold ${total} bytes, its weights need ${expected}`);
    return [specs, await readAll(shards, sizes, total)];
  } finally {
    for (const shard of shards) await shard.close();
  }
}

async function openShard(folder: string, path: unknown): Promise<FileHandle> {
  if (typeof path !== 'string') throw new TypeError('a weight file without a name');
  try {
    const root = await realpath(folder);
    const real = await realpath(join(root, path));
    if (real.startsWith(join(root, sep))) return await open(real);
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `the model's weight file ${path} cannot be read`, { cause });
  }
  throw invalidArgument(`the model's weight file ${path} lies outside its folder`);
}

/** All files one after the other, read in place: weights may be large, and are in memory once. */
async function readAll(shards: readonly FileHandle[], sizes: readonly number[], total: number): Promise<ArrayBuffer> {
  const bytes = new ArrayBuffer(total);
  let start = 0;
  for (const [index, shard] of shards.entries()) {
    const end = start + (sizes[index] as number);
    while (start < end) {
      const { bytesRead } = await shard.read(new Uint8Array(bytes, start, end - start), 0, end - start, null);
      if (bytesRead === 0) throw invalidArgument('a weight file of the model became shorter while it was read');
      start += bytesRead;
    }
  }
  return bytes;
}

const elementBytes: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  bool: 1,
  uint16: 2,
  uint8: 1,
  float16: 2,
};

/** How many bytes the weights take in the files; strings say their own length there, and count nothing here. */
function weightBytes(specs: readonly io.WeightsManifestEntry[]): number {
  let total = 0;
  for (const { shape, dtype, quantization } of specs) {
    total += shape.reduce((count, size) => count * size, elementBytes[quantization?.dtype ?? dtype] ?? 0);
  }
  return total;
}
