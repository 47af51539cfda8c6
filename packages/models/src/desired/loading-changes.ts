// What of a configuration says where a model is loaded from and as what. An event may put another configuration in the place of
// the one in the model repository, and nobody signs that: where only signed versions may be loaded, this part has to stay.
import { isDeepStrictEqual } from 'node:util';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';

const fields = ['backend', 'platform', 'defaultModelFilename', 'ccModelFilenames'] as const;
const parameters = new Set(['weft.source', 'weft.sha256', 'weft.task', 'weft.service']);
const families = ['weft.part.', 'weft.file.', 'weft.sha256.', 'weft.cut.'];

/** The names of such fields and parameters in which two configurations differ, sorted. */
export function loadingChanges(one: ModelConfig__Output, other: ModelConfig__Output): string[] {
  const keys = new Set([one, other].flatMap((config) => Object.keys(config.parameters)));
  const changed = [...keys].filter(
    (key) => saysWhatIsLoaded(key) && one.parameters[key]?.stringValue !== other.parameters[key]?.stringValue,
  );
  return [...fields.filter((field) => !isDeepStrictEqual(one[field], other[field])), ...changed].sort();
}

function saysWhatIsLoaded(key: string): boolean {
  return parameters.has(key) || families.some((family) => key.startsWith(family));
}
