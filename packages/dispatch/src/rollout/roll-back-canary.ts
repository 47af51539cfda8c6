// The event by which a router withdraws a canary of its own accord.
import { WeftError } from '@weft/errors';
import type { Inventory } from '../replicas/inventory.ts';
import { modelFacts } from './model-facts.ts';
import type { ModelWriter } from './model-writer.ts';
import { planRollback } from './plan-rollout.ts';

const author = { name: 'router', traceparent: '' };

/** Resolves to whether this router was the one to withdraw it. */
export async function rollBackCanary(
  {
    inventory,
    writer,
    atMs,
  }: { readonly inventory: () => Inventory; readonly writer: ModelWriter; readonly atMs: number },
  { model, version, reason }: { readonly model: string; readonly version: string; readonly reason: string },
): Promise<boolean> {
  let own = false;
  await writer.change(model, author, (last) => {
    // What is desired may be what was last known, of a log that has not been heard yet.
    if (last === undefined) throw new WeftError('UNAVAILABLE', `the event log has told nothing of model '${model}'`);
    own = last.rollout?.canary === version;
    // Otherwise somebody promoted it, or rolled it back, meanwhile.
    return own ? planRollback(modelFacts(inventory(), model, last), version, { reason, atMs }) : undefined;
  });
  return own;
}
