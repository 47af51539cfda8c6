// The event by which a router withdraws a canary of its own accord.
import type { Inventory } from '../inventory.ts';
import { modelFacts } from './model-facts.ts';
import type { ModelWriter } from './model-writer.ts';
import { planRollback } from './plan-rollout.ts';

const author = { name: 'router', traceparent: '' };

export async function rollBackCanary(
  {
    inventory,
    writer,
    atMs,
  }: { readonly inventory: () => Inventory; readonly writer: ModelWriter; readonly atMs: number },
  { model, version, reason }: { readonly model: string; readonly version: string; readonly reason: string },
): Promise<void> {
  await writer.change(model, author, (last) => {
    // Somebody promoted it, or rolled it back, meanwhile.
    if (last?.rollout?.canary !== version) return undefined;
    return planRollback(modelFacts(inventory(), model, last), version, { reason, atMs });
  });
}
