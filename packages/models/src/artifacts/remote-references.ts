// What a configuration refers to on other machines: weft.source, weft.part.* and weft.file.* with `https:`, `hf:` or `nats:`.
// weft.sha256, weft.sha256.part.* and weft.sha256.file.* pin the digests.
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { backendFiles, isRemote } from '../artifact.ts';
import { weftParameter, weftParameters } from '../parameters.ts';

export interface Reference {
  readonly reference: string;
  /** Name of the file that it becomes, unless another one of the model has it. */
  readonly name: string;
  readonly sha256: string | undefined;
}

/** Each one once. Throws INVALID_ARGUMENT for a digest that is none, and for two of one reference. */
export function remoteReferences(config: ModelConfig__Output): Reference[] {
  const digests = weftParameters(config, 'sha256');
  const found = new Map<string, Reference>();
  const add = (reference: string | undefined, sha256: string | undefined): void => {
    if (reference === undefined || !isRemote(reference)) return;
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
      throw invalidArgument(`'${sha256}' is no sha-256 digest`);
    const other = found.get(reference)?.sha256;
    if (other !== undefined && sha256 !== undefined && other !== sha256)
      throw invalidArgument(`one reference has two digests, ${other} and ${sha256}`);
    found.set(reference, { reference, name: nameOf(reference, config), sha256: sha256 ?? other });
  };
  add(weftParameter(config, 'source'), weftParameter(config, 'sha256'));
  for (const group of ['part', 'file']) {
    for (const [key, reference] of Object.entries(weftParameters(config, group)))
      add(reference, digests[`${group}.${key}`]);
  }
  return [...found.values()];
}

/** The last part of the path; where there is none, what the backend looks for. */
function nameOf(reference: string, config: ModelConfig__Output): string {
  const path = reference.replace(/[?#].*$/s, '');
  const last = path.startsWith('nats:') ? '' : (path.split('/').at(-1) ?? '');
  const name = last.replace(/%20/g, ' ').replace(/[^\w. -]/g, '_');
  if (/[^.\s]/.test(name) && name.length <= 200) return name.trim();
  const given = config.defaultModelFilename.replace(/[^\w.-]/g, '_');
  if (/[^.]/.test(given)) return given;
  return config.backend === 'tensorflowjs' || config.platform === 'tensorflowjs'
    ? backendFiles.tensorflowjs
    : backendFiles.onnxruntime;
}
