// What an ensemble alone keeps loaded: the models of its steps, and of the ensembles among these, that no other ensemble names.
import type { Inventory } from '../replicas/inventory.ts';

/** Without the model itself. A model that is no ensemble has none. */
export function dependentsOf(inventory: Inventory, model: string): string[] {
  const leaving = new Set([model]);
  for (let found = true; found; ) {
    const needed = new Set(
      [...inventory.models.keys()]
        .filter((other) => !leaving.has(other) && inventory.desired.get(other)?.unloaded !== true)
        .flatMap((other) => stepsOf(inventory, other)),
    );
    const next = [...leaving]
      .flatMap((one) => stepsOf(inventory, one))
      .filter((step) => !needed.has(step) && !leaving.has(step));
    for (const step of next) leaving.add(step);
    found = next.length > 0;
  }
  leaving.delete(model);
  return [...leaving];
}

function stepsOf({ models }: Inventory, model: string): string[] {
  const steps = (models.get(model) ?? []).flatMap(({ entry }) => entry.config?.ensembleScheduling?.step ?? []);
  return [...new Set(steps.map((step) => step.modelName))];
}
