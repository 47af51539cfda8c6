// Opens a model of the default repository as an instance's worker would, but in this thread: what tests of quality need
// is the configuration, the real model and the task, not threads and wires.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnxBackend } from '@weft/backend-onnx';
import { tfjsBackend } from '@weft/backend-tfjs';
import { convertLayersModel } from '@weft/convert';
import { WeftError } from '@weft/errors';
import { resolveArtifact, scanRepositories, weftParameter } from '@weft/models';
import type { BackendModel, Task, TaskContext, TaskMethod } from '@weft/runtime';
import { tasks } from '../tasks.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const npmRoot = fileURLToPath(new URL('../../', import.meta.url));
const backends = { onnxruntime: onnxBackend, tensorflowjs: tfjsBackend };
const options = { providers: ['cpu'], deviceId: 0, threads: 2 };

export interface OpenTask {
  readonly task: Task;
  /** Answers one request of one method; throws what it was refused with. */
  ask<Response>(path: string, request: object): Promise<Response>;
  close(): Promise<void>;
}

/** The models of this service in the default repository. */
export function modelNames(): readonly string[] {
  const models = scanRepositories({ defaultRepository: `${root}models`, repositories: [] });
  return models.filter((model) => weftParameter(model.config, 'service') === 'generator').map((model) => model.name);
}

export async function openTask(name: string): Promise<OpenTask> {
  const models = scanRepositories({ defaultRepository: `${root}models`, repositories: [] });
  const found = models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no model ${name}`);
  const { config, directory } = found;
  const artifact = resolveArtifact(directory, '1', config, [npmRoot]);
  const temporary = await mkdtemp(join(tmpdir(), 'weft-generator-'));
  let opened: BackendModel | undefined;
  const context: TaskContext = {
    modelName: name,
    modelVersion: '1',
    limits: { maxImagePixels: 50_000_000, maxTextBytes: 1 << 20, maxTexts: 1024 },
    parameter: (key) => weftParameter(config, key),
    file: (key) => artifact.files[key] as string,
    async openModel() {
      let path = artifact.model as string;
      if (artifact.backend === 'onnxruntime') {
        const { onnx } = await convertLayersModel(path);
        path = join(temporary, 'model.onnx');
        await writeFile(path, onnx);
      }
      opened = await backends[artifact.backend].load(path, options);
      return opened;
    },
  };
  const task = await (tasks[weftParameter(config, 'task') as string] as (typeof tasks)[string])(context);
  return {
    task,
    async ask<Response>(path: string, request: object): Promise<Response> {
      const method = task.methods.find((each) => each.path === path) as TaskMethod;
      const [outcome] = await method.infer([request], [{ throwIfGone() {} }]);
      if (outcome instanceof WeftError) throw outcome;
      return outcome as Response;
    },
    async close() {
      await opened?.unload();
      await rm(temporary, { recursive: true });
    },
  };
}
