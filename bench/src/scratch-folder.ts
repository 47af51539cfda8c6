// A folder for one run of a bench: its models, and what the services keep.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type OnnxGraph } from '@weft/convert';

export interface ScratchFolder {
  readonly repository: string;
  readonly dataDirectory: string;
  remove(): Promise<void>;
}

export interface AuthoredModel {
  readonly name: string;
  readonly maxBatchSize: number;
  readonly graph: OnnxGraph;
  /** weft's own settings of the model. */
  readonly parameters?: Readonly<Record<`weft.${string}`, string>>;
}

/** Makes a model repository with these models in it. */
export async function createScratchFolder(models: readonly AuthoredModel[]): Promise<ScratchFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-bench-'));
  const repository = join(folder, 'models');
  for (const model of models) {
    const { name, graph } = model;
    await mkdir(join(repository, name, '1'), { recursive: true });
    await writeFile(join(repository, name, '1', 'model.onnx'), encodeModel(graph));
    await writeFile(join(repository, name, 'config.pbtxt'), configOf(model));
  }
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { repository, dataDirectory: join(folder, 'kept'), remove };
}

function configOf({ name, maxBatchSize, parameters = {} }: AuthoredModel): string {
  const lines = [`name: "${name}"`, 'backend: "onnxruntime"', `max_batch_size: ${maxBatchSize}`];
  for (const [key, value] of Object.entries(parameters))
    lines.push(`parameters { key: "${key}" value { string_value: "${value}" } }`);
  return `${lines.join('\n')}\n`;
}
