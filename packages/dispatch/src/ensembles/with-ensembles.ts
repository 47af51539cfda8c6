// An ensemble serves where its steps do: its own replica only knows what it is made of. So an inventory is put together as if
// ensembles had instances of their own, and then those are taken back of which a step is READY nowhere, or does not fit. An
// ensemble may be a step of another; one that comes to contain itself serves nothing.
import { WeftError } from '@weft/errors';
import { type Ensemble, type EnsembleStep, isEnsemble, misfit, readEnsemble } from '@weft/models';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { type Inventory, type InventoryDraft, shareOut, type VersionView } from '../replicas/inventory.ts';
import { resolveVersion } from '../engine/resolve-version.ts';

/** Takes the draft over. */
export function withEnsembles(draft: InventoryDraft): Inventory {
  const judged = new Set<string>();
  for (const model of draft.ensembles) judge(model, []);
  return draft;

  /** `around`: the ensembles of which it is a step. */
  function judge(model: string, around: readonly string[]): void {
    if (judged.has(model)) return;
    const views = draft.models.get(model)?.map((view) => judgedView(view, [...around, model])) ?? [];
    judged.add(model);
    draft.models.set(model, views);
    draft.shadows.delete(model);
    shareOut(draft, model, views);
  }

  function judgedView(view: VersionView, around: readonly string[]): VersionView {
    const { entry, withdrawn, replicas } = view;
    if (entry.config == null || !isEnsemble(entry.config) || !replicas.some(({ serving }) => serving)) return view;
    try {
      const ensemble = readEnsemble(entry.config);
      checkSteps(ensemble, around);
      return { ...view, ensemble, ready: withdrawn === undefined };
    } catch (thrown) {
      if (!(thrown instanceof WeftError)) throw thrown;
      return lacking(view, thrown.message);
    }
  }

  /** Throws the reason why it cannot serve. */
  function checkSteps(ensemble: Ensemble, around: readonly string[]): void {
    const reason = misfit(
      ensemble,
      ensemble.steps.map((step) => configOf(step, around)),
    );
    if (reason !== undefined) throw new WeftError('FAILED_PRECONDITION', reason);
  }

  function configOf({ title, model, version }: EnsembleStep, around: readonly string[]): ModelConfig__Output {
    if (around.includes(model))
      throw new WeftError('FAILED_PRECONDITION', `it goes in a circle: ${[...around, model].join(' → ')}`);
    if (draft.ensembles.has(model)) judge(model, around);
    try {
      const { config } = resolveVersion(draft, model, version).entry;
      if (config != null) return config;
    } catch (thrown) {
      throw thrown instanceof WeftError ? new WeftError(thrown.code, `${title}: ${thrown.message}`) : thrown;
    }
    throw new WeftError('UNAVAILABLE', `${title} has told no configuration`);
  }
}

/** As if its replicas could not load it. */
function lacking(view: VersionView, reason: string): VersionView {
  const failed = (entry: ModelVersion__Output): ModelVersion__Output => ({
    ...entry,
    state: 'MODEL_STATE_UNAVAILABLE',
    reason,
  });
  const replicas = view.replicas.map((replica) =>
    replica.serving ? { ...replica, serving: false, entry: failed(replica.entry) } : replica,
  );
  return { ...view, replicas, ready: false, entry: failed(view.entry) };
}
