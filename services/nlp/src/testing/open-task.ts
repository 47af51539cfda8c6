// For tests: a task of this service on its real model, with a context made by hand instead of the runtime's.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { tfjsBackend } from '@weft/backend-tfjs';
import { invalidArgument } from '@weft/errors';
import { readConfigFile, weftParameter } from '@weft/models';
import type { BackendModel, InputLimits, Task, TaskContext, TaskFactory, TaskMethod } from '@weft/runtime';

const { resolve } = createRequire(import.meta.url);
const options = { providers: ['cpu'], deviceId: 0, threads: 1 };

const limits: InputLimits = { maxImagePixels: 50_000_000, maxTextBytes: 1 << 20, maxTexts: 1024 };

export interface OpenTask {
  readonly task: Task;
  method(name: string): TaskMethod;
  /** Infers one request alone. Throws its error. */
  infer<Response>(name: string, request: object): Promise<Response>;
  close(): Promise<void>;
}

/** Opens a default model of this service with the parameters of its config.pbtxt. */
export async function openTask(factory: TaskFactory, modelName: string): Promise<OpenTask> {
  const config = readConfigFile(fileURLToPath(new URL(`../../../../models/nlp/${modelName}`, import.meta.url)));
  const models: BackendModel[] = [];
  const context: TaskContext = {
    modelName,
    modelVersion: '1',
    limits,
    parameter: (name) => weftParameter(config, name),
    file: (name) => resolvePackageFile(weftParameter(config, `file.${name}`)),
    async openModel() {
      const model = await tfjsBackend.load(resolvePackageFile(weftParameter(config, 'source')), options);
      models.push(model);
      return model;
    },
  };
  const task = await factory(context);
  const method = (name: string): TaskMethod => {
    const found = task.methods.find(({ path }) => path === `/weft.nlp.v1.NlpService/${name}`);
    if (found === undefined) throw new TypeError(`the task has no method ${name}`);
    return found;
  };
  return {
    task,
    method,
    async infer<Response>(name: string, request: object) {
      const [outcome] = await method(name).infer([request], [attended]);
      if (outcome instanceof Error) throw outcome;
      return outcome as Response;
    },
    async close() {
      for (const model of models) await model.unload();
    },
  };
}

/** The context of an item that somebody waits for. */
export const attended = { throwIfGone() {} };

function resolvePackageFile(reference = ''): string {
  if (!reference.startsWith('npm:')) throw invalidArgument(`'${reference}' is no file of a package`);
  return resolve(reference.slice('npm:'.length));
}
