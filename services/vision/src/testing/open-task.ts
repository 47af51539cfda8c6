// Opens a model of the default repository as an instance's worker would, but in this thread: what tests of quality need
// is the configuration, the real model and the task, not threads and wires.
import { fileURLToPath } from 'node:url';
import { onnxBackend } from '@weft/backend-onnx';
import { tfjsBackend } from '@weft/backend-tfjs';
import { WeftError } from '@weft/errors';
import { resolveArtifact, scanRepositories, weftParameter } from '@weft/models';
import type { BackendModel, Task, TaskContext, TaskMethod } from '@weft/runtime';
import { tasks } from '../tasks.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const backends = { onnxruntime: onnxBackend, tensorflowjs: tfjsBackend };
const options = { providers: ['cpu', 'wasm'], deviceId: 0, threads: 2 };

export interface OpenTask {
  readonly task: Task;
  /** Answers one request of one method; throws what it was refused with. */
  ask<Response>(path: string, request: object): Promise<Response>;
  close(): Promise<void>;
}

export async function openTask(name: string, limits: Partial<TaskContext['limits']> = {}): Promise<OpenTask> {
  const model = scanRepositories({ defaultRepository: `${root}models`, repositories: [] }).find(
    (each) => each.name === name,
  );
  if (model === undefined) throw new Error(`no model ${name}`);
  const artifact = resolveArtifact(model, '1', [root]);
  const opened: BackendModel[] = [];
  const context: TaskContext = {
    modelName: name,
    modelVersion: '1',
    limits: { maxImagePixels: 50_000_000, maxTextBytes: 1 << 20, maxTexts: 1024, ...limits },
    parameter: (key) => weftParameter(model.config, key),
    file: (key) => artifact.files[key] as string,
    async openModel(part) {
      const path = part === undefined ? artifact.model : artifact.parts[part];
      const loaded = await backends[artifact.backend].load(path as string, options);
      opened.push(loaded);
      return loaded;
    },
  };
  const factory = tasks[weftParameter(model.config, 'task') ?? ''];
  if (factory === undefined) throw new Error(`${name} names no task of this service`);
  const task = await factory(context);
  return {
    task,
    async ask<Response>(path: string, request: object): Promise<Response> {
      const method = task.methods.find((each) => each.path === path) as TaskMethod;
      const [outcome] = await method.infer([request], [{ throwIfGone() {} }]);
      if (outcome instanceof WeftError) throw outcome;
      return outcome as Response;
    },
    async close() {
      for (const each of opened) await each.unload();
    },
  };
}
