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
}

/** Makes a model repository with these models in it. */
export async function createScratchFolder(models: readonly AuthoredModel[]): Promise<ScratchFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-bench-'));
  const repository = join(folder, 'models');
  for (const { name, maxBatchSize, graph } of models) {
    await mkdir(join(repository, name, '1'), { recursive: true });
    await writeFile(join(repository, name, '1', 'model.onnx'), encodeModel(graph));
    const config = `name: "${name}"\nbackend: "onnxruntime"\nmax_batch_size: ${maxBatchSize}\n`;
    await writeFile(join(repository, name, 'config.pbtxt'), config);
  }
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { repository, dataDirectory: join(folder, 'kept'), remove };
}
