// RepositoryModelLoad and RepositoryModelUnload of the Open Inference Protocol. At a router they append an event, so that they
// reach every replica and outlive restarts; Triton's and KServe's clients name the model in different fields.
import { invalidArgument, WeftError } from '@weft/errors';
import { checkConfig, parseConfigJson, validateModelName } from '@weft/models';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { RepositoryModelLoadRequest__Output } from '@weft/rpc/messages/inference/RepositoryModelLoadRequest';
import { loadFiles } from '../admin/load-files.ts';
import { loadModel, unloadModel } from '../admin/load-model.ts';
import type { MeshAdmin, ReplicaOutcomes } from '../admin/mesh-admin.ts';
import { failuresOf } from '../admin/outcome.ts';
import type { Caller } from '../engine/caller.ts';
import type { OpenInferenceAnswers } from './answers.ts';
import { dependentsOf } from './dependents.ts';

type LoadRequest = Pick<RepositoryModelLoadRequest__Output, 'repositoryName' | 'modelName' | 'parameters'>;

/** `admin` undefined: this process is no router, and says where to ask. */
export function repositoryAnswers(
  admin: MeshAdmin | undefined,
): Pick<OpenInferenceAnswers, 'RepositoryModelLoad' | 'RepositoryModelUnload'> {
  return {
    async RepositoryModelLoad(request, caller) {
      const name = modelName(request);
      const config = configOf(request);
      const versions = filesOf(request);
      if (versions.size > 0 && config === null)
        throw invalidArgument("the parameter 'config' must be given with the files of a model");
      const call = (mesh: MeshAdmin): Promise<ReplicaOutcomes> =>
        config === null || versions.size === 0
          ? loadKnown(mesh, { name, config }, caller)
          : loadFiles(mesh, { name, config, versions }, caller);
      await settled(name, { verb: 'load', call, admin });
      return { modelName: name, isLoaded: true };
    },
    async RepositoryModelUnload(request, caller) {
      const name = modelName(request);
      onlyParameters(request, (key) => key === 'unload_dependents', 'unload_dependents');
      const dependents =
        admin !== undefined && withDependents(request) ? dependentsOf(admin.options.engine.inventory, name) : [];
      for (const model of [name, ...dependents])
        await settled(model, { verb: 'unload', call: (mesh) => unloadModel(mesh, model, caller), admin });
      return { modelName: name, isUnloaded: true };
    },
  };
}

interface Wish {
  readonly verb: 'load' | 'unload';
  readonly call: (admin: MeshAdmin) => Promise<ReplicaOutcomes>;
  readonly admin: MeshAdmin | undefined;
}

async function settled(name: string, { verb, call, admin }: Wish): Promise<void> {
  if (admin === undefined)
    throw new WeftError(
      'UNIMPLEMENTED',
      `a replica does not ${verb} models by itself: ask the router, and all replicas do`,
    );
  const outcome = await call(admin);
  if (outcome.replicas.length === 0)
    throw new WeftError(
      'UNAVAILABLE',
      `no replica that could ${verb} '${name}' is connected: it is recorded, and they will`,
    );
  const failures = failuresOf(outcome);
  if (failures.length === 0) return;
  // Triton's words, for clients that look for them.
  throw new WeftError('FAILED_PRECONDITION', `failed to ${verb} '${name}': ${failures.join('; ')}`);
}

/** KServe's clients have it in field 1, where Triton's name a repository. */
function modelName({ repositoryName, modelName: name }: LoadRequest): string {
  if (name !== '' && repositoryName !== '')
    throw new WeftError('UNIMPLEMENTED', "there is one repository: 'repository_name' must be empty");
  if (name === '' && repositoryName === '') throw invalidArgument('Model name cannot be empty');
  const named = name === '' ? repositoryName : name;
  validateModelName(named);
  return named;
}

/** In Triton's words where nobody knows the model. */
async function loadKnown(
  mesh: MeshAdmin,
  wanted: Parameters<typeof loadModel>[1],
  caller: Caller,
): Promise<ReplicaOutcomes> {
  try {
    return await loadModel(mesh, wanted, caller);
  } catch (thrown) {
    if (!(thrown instanceof WeftError) || thrown.code !== 'NOT_FOUND') throw thrown;
    throw new WeftError('NOT_FOUND', `failed to load '${wanted.name}', failed to poll from model repository`);
  }
}

function configOf(request: LoadRequest): ModelConfig__Output | null {
  onlyParameters(request, (key) => key === 'config' || key.startsWith('file:'), 'config, file:<version>/<name>');
  const given = request.parameters['config'];
  if (given === undefined) return null;
  if (given.parameterChoice !== 'stringParam') throw invalidArgument("the parameter 'config' must be a string of JSON");
  try {
    const config = parseConfigJson(given.stringParam ?? '');
    checkConfig(config);
    return config;
  } catch (cause) {
    throw invalidArgument(
      `the parameter 'config' is no configuration: ${cause instanceof Error ? cause.message : 'not JSON'}`,
    );
  }
}

/** Of each version that files were given for; which paths they may have is checked where they become artifacts. */
function filesOf({ parameters }: LoadRequest): Map<string, Map<string, Buffer>> {
  const versions = new Map<string, Map<string, Buffer>>();
  for (const [key, given] of Object.entries(parameters)) {
    const [, version, path] = /^file:([^/]*)\/(.*)$/s.exec(key) ?? [];
    if (version === undefined || path === undefined) {
      if (key.startsWith('file:')) throw invalidArgument(`'${key}' is no file: expected file:<version>/<name>`);
      continue;
    }
    if (!/^[1-9]\d{0,14}$/.test(version))
      throw invalidArgument(`'${key}' is no file: '${version}' is no version, a whole number above zero`);
    if (given.parameterChoice !== 'bytesParam') throw invalidArgument(`the parameter '${key}' must be bytes`);
    versions.set(version, (versions.get(version) ?? new Map<string, Buffer>()).set(path, given.bytesParam as Buffer));
  }
  return versions;
}

function withDependents({ parameters }: LoadRequest): boolean {
  const given = parameters['unload_dependents'];
  if (given === undefined) return false;
  if (given.parameterChoice !== 'boolParam') throw invalidArgument("the parameter 'unload_dependents' must be a bool");
  return given.boolParam === true;
}

function onlyParameters({ parameters }: LoadRequest, known: (key: string) => boolean, expected: string): void {
  const other = Object.keys(parameters).find((key) => !known(key));
  if (other !== undefined) throw invalidArgument(`unknown parameter '${other}': expected ${expected}`);
}
