// For tests of tasks: a default model opened exactly as an instance's worker opens it, but in this thread. What tests of
// quality need is the configuration, the real model and the task, not threads and wires.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeftError } from '@weft/errors';
import { resolveArtifact, scanRepositories } from '@weft/models';
import type { InputLimits, Task, TaskMethod } from '../task.ts';
import type { WorkerCatalogue } from '../worker/load-instance.ts';
import type { LoadedInstance } from '../worker/messages.ts';
import { attended, openModel } from './open-model.ts';

export interface OpenModel {
  readonly task: Task;
  readonly loaded: LoadedInstance;
  /** A method by its full path, or by its name alone. */
  method(path: string): TaskMethod;
  /** Answers one request alone; throws what it was refused with. */
  ask<Response>(path: string, request: object): Promise<Response>;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Names of the default models of a service. */
export function defaultModelNames(service: string): string[] {
  return scanRepositories({ defaultRepository: `${root}models`, repositories: [] })
    .filter((model) => model.service === service)
    .map((model) => model.name);
}

export async function openDefaultModel(
  catalogue: WorkerCatalogue,
  name: string,
  limits: Partial<InputLimits> = {},
): Promise<OpenModel> {
  const found = scanRepositories({ defaultRepository: `${root}models`, repositories: [] }).find(
    (model) => model.name === name,
  );
  if (found === undefined) throw new Error(`no model ${name}`);
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'weft-model-'));
  const { config, directory, service } = found;
  const artifact = resolveArtifact({ config, directory }, '1', [join(root, 'services', service)]);
  const opened = await openModel(catalogue, {
    config,
    artifact,
    cacheDirectory,
    limits,
  });
  const { task } = opened.instance;
  if (task === undefined) throw new Error(`${name} has no task`);
  const method = (path: string): TaskMethod => {
    const method = task.methods.find((each) => each.path === path || each.path.endsWith(`/${path}`));
    if (method === undefined) throw new TypeError(`${name} has no method ${path}`);
    return method;
  };
  return {
    task,
    loaded: opened.loaded,
    method,
    async ask<Response>(path: string, request: object): Promise<Response> {
      const [outcome] = await method(path).infer([request], [attended]);
      if (outcome instanceof WeftError) throw outcome;
      return outcome as Response;
    },
    async close() {
      await opened.close();
      rmSync(cacheDirectory, { recursive: true });
    },
  };
}
