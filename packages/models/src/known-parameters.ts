// Parameters `weft.*` that nobody reads are mistakes: of a name, or of a model that was written for another weft. Told when the
// model is loaded, instead of served by other settings than somebody meant.
import { nearestName } from '@weft/config/nearest-name';
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';

/** What any model may have. Tasks have more of their own. */
const names = [
  'execution_providers',
  'hedge_ms',
  'isolation',
  'max_batch_size',
  'policy',
  'service',
  'sha256',
  'slo_ms',
  'source',
  'stream_slots',
  'task',
  'tenant_weights',
];
/** What any model may have several of: `weft.pad.<input>`. */
const prefixes = ['cut.', 'default.', 'file.', 'pad.', 'part.', 'sha256.'];

/** Throws INVALID_ARGUMENT for a parameter that neither any model has nor this model's task (`ofTask`: names without `weft.`). */
export function refuseUnknownParameters(config: ModelConfig__Output, ofTask: Iterable<string> = []): void {
  const known = new Set([...names, ...ofTask]);
  for (const key of Object.keys(config.parameters)) {
    const name = key.startsWith('weft.') ? key.slice('weft.'.length) : undefined;
    if (name === undefined || known.has(name) || prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const near = [...known].find((candidate) => candidate.startsWith(name)) ?? nearestName(name, known);
    const meant = near === undefined ? 'docs/models.md lists them' : `did you mean weft.${near}?`;
    throw invalidArgument(`parameter '${key}' is no setting of this model: ${meant}`);
  }
}
