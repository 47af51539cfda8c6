// Changes who gets which share of a model's requests.
import { invalidArgument } from '@weft/errors';
import type { Caller } from '../engine/caller.ts';
import type { SetRolloutRequest__Output } from '@weft/rpc/messages/weft/router/v1/SetRolloutRequest';
import type { SetRolloutResponse } from '@weft/rpc/messages/weft/router/v1/SetRolloutResponse';
import type { ModelChange } from '../rollout/model-change.ts';
import type { ModelFacts } from '../rollout/model-facts.ts';
import { planCanary, planPromotion, planRollback, planShadow } from '../rollout/plan-rollout.ts';
import { authorOf, type MeshAdmin } from './mesh-admin.ts';

export async function setRollout(
  admin: MeshAdmin,
  request: SetRolloutRequest__Output,
  context: Caller,
): Promise<SetRolloutResponse> {
  const { name } = request;
  const author = authorOf(context);
  const plan = planOf(request, { by: author.name, atMs: admin.options.wallClock() });
  const { revision, model } = await admin.change(name, author, plan);
  return { model, outcome: await admin.outcome({ model: name, service: model.service, revision }, context) };
}

function planOf(
  { promote, rollBack, canary, shadow }: SetRolloutRequest__Output,
  { by, atMs }: { readonly by: string; readonly atMs: number },
): (facts: ModelFacts) => ModelChange {
  if (promote) return (facts) => planPromotion(facts, promote.version);
  if (rollBack) {
    const reason = rollBack.reason === '' ? `rolled back by ${by}` : rollBack.reason;
    return (facts) => planRollback(facts, rollBack.version, { reason, atMs });
  }
  if (canary) return (facts) => planCanary(facts, canary.version, canary.share);
  if (shadow) return (facts) => planShadow(facts, shadow.version, shadow.share);
  throw invalidArgument('no change is named: promote, roll_back, canary or shadow');
}
