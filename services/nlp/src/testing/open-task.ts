// For tests: a task of this service on its real model, with a context made by hand instead of the runtime's.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tfjsBackend } from '@weft/backend-tfjs';
import { invalidArgument } from '@weft/errors';
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

/** `settings`: the model's parameters without `weft.`, as its config.pbtxt has them. */
export async function openTask(factory: TaskFactory, modelName: string): Promise<OpenTask> {
  const settings = readSettings(modelName);
  const models: BackendModel[] = [];
  const context: TaskContext = {
    modelName,
    modelVersion: '1',
    limits,
    parameter: (name) => settings.get(name),
    file: (name) => resolvePackageFile(settings.get(`file.${name}`) ?? ''),
    async openModel() {
      const model = await tfjsBackend.load(resolvePackageFile(settings.get('source') ?? ''), options);
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

/** The parameters of a default model. One parameter stands on one line there. */
function readSettings(modelName: string): ReadonlyMap<string, string> {
  const config = readFileSync(new URL(`../../../../models/nlp/${modelName}/config.pbtxt`, import.meta.url), 'utf8');
  const parameters = config.matchAll(/^parameters \{ key: "weft\.([^"]+)" value \{ string_value: "([^"]*)" \} \}$/gmu);
  return new Map(Array.from(parameters, ([, key, value]) => [key as string, value as string]));
}

function resolvePackageFile(reference: string): string {
  if (!reference.startsWith('npm:')) throw invalidArgument(`'${reference}' is no file of a package`);
  return resolve(reference.slice('npm:'.length));
}
