// What a request asks of an ensemble: the steps that its outputs need, and who reads which tensor.
import type { Ensemble, EnsembleStep } from '@weft/models';

export interface RunPlan {
  readonly steps: readonly EnsembleStep[];
  /** Tensor → how many of the steps and the response take it. A step's output that is not here is not asked for. */
  readonly readers: ReadonlyMap<string, number>;
  /** Of the response, in order. */
  readonly outputs: readonly string[];
}

/** `asked`: outputs of the ensemble, none of them unknown; empty means all. */
export function planRun({ steps, outputs: all }: Ensemble, asked: readonly string[]): RunPlan {
  const outputs = asked.length === 0 ? all.map(({ name }) => name) : [...new Set(asked)];
  const wanted = new Set(outputs);
  const needed = new Set<EnsembleStep>();
  // A tensor that is added while the loop runs is visited too.
  for (const tensor of wanted) {
    const writer = steps.find((step) => step.outputs.some((wire) => wire.tensor === tensor));
    if (writer === undefined || needed.has(writer)) continue;
    needed.add(writer);
    for (const wire of writer.inputs) wanted.add(wire.tensor);
  }
  const taken = steps.filter((step) => needed.has(step));
  const readers = new Map<string, number>();
  for (const tensor of [...outputs, ...taken.flatMap(({ inputs }) => inputs.map((wire) => wire.tensor))])
    readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  return { steps: taken, readers, outputs };
}
