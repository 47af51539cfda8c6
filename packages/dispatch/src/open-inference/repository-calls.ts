// RepositoryModelLoad and RepositoryModelUnload of the Open Inference Protocol. At a router they append an event, so that they
// reach every replica and outlive restarts; Triton's and KServe's clients name the model in different fields.
import { invalidArgument, WeftError } from '@weft/errors';
import { parseConfigJson } from '@weft/models';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { RepositoryModelLoadRequest__Output } from '@weft/rpc/messages/inference/RepositoryModelLoadRequest';
import { loadModel, unloadModel } from '../admin/load-model.ts';
import type { MeshAdmin, ReplicaOutcomes } from '../admin/mesh-admin.ts';
import { failuresOf } from '../admin/outcome.ts';
import type { OpenInferenceAnswers } from './answers.ts';

type LoadRequest = Pick<RepositoryModelLoadRequest__Output, 'repositoryName' | 'modelName' | 'parameters'>;

/** `admin` undefined: this process is no router, and says where to ask. */
export function repositoryAnswers(
  admin: MeshAdmin | undefined,
): Pick<OpenInferenceAnswers, 'RepositoryModelLoad' | 'RepositoryModelUnload'> {
  return {
    async RepositoryModelLoad(request, caller) {
      const name = modelName(request);
      const config = configOf(request);
      await settled(name, { verb: 'load', call: (mesh) => loadModel(mesh, { name, config }, caller), admin });
      return { modelName: name, isLoaded: true };
    },
    async RepositoryModelUnload(request, caller) {
      const name = modelName(request);
      onlyParameters(request, ['unload_dependents']);
      await settled(name, { verb: 'unload', call: (mesh) => unloadModel(mesh, name, caller), admin });
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
  return name === '' ? repositoryName : name;
}

function configOf(request: LoadRequest): ModelConfig__Output | null {
  onlyParameters(request, ['config']);
  const given = request.parameters['config'];
  if (given === undefined) return null;
  if (given.parameterChoice !== 'stringParam') throw invalidArgument("the parameter 'config' must be a string of JSON");
  try {
    return parseConfigJson(given.stringParam ?? '');
  } catch (cause) {
    throw invalidArgument(
      `the parameter 'config' is no configuration: ${cause instanceof Error ? cause.message : 'not JSON'}`,
    );
  }
}

function onlyParameters({ parameters }: LoadRequest, known: readonly string[]): void {
  const other = Object.keys(parameters).find((key) => !known.includes(key));
  if (other === undefined) return;
  if (other.startsWith('file:'))
    throw new WeftError('UNIMPLEMENTED', `'${other}': files are pushed by weft.router.v1.Admin/Push, not with a load`);
  throw invalidArgument(`unknown parameter '${other}': expected ${known.join(', ')}`);
}
