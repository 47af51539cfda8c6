// Ensembles of random shape give what computing them directly gives, in whatever order their steps are answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configured, ensembleText, inventoryOf, startEnsembles, vectors } from '../testing/fake-steps.ts';

/** `add` gives the sum of two vectors, `same` its one. Each step writes tensor T<its place>; inputs are I0 and I1. */
interface RandomStep {
  readonly add: boolean;
  /** Places of what it reads, among the inputs and the steps before it. */
  readonly reads: readonly [number, number];
}

const inputCount = 2;
const steps: fc.Arbitrary<RandomStep[]> = fc
  .array(fc.record({ add: fc.boolean(), left: fc.nat(), right: fc.nat() }), { minLength: 1, maxLength: 12 })
  .map((drawn) =>
    drawn.map(({ add, left, right }, at) => ({ add, reads: [left % (at + inputCount), right % (at + inputCount)] })),
  );

const nameOf = (place: number): string => (place < inputCount ? `I${place}` : `T${place - inputCount}`);

function used({ add, reads: [left, right] }: RandomStep): number[] {
  return add ? [left, right] : [left];
}

/** Everything that nobody reads is an output, and the inputs are read: no ensemble has unused tensors. */
function ensembleOf(drawn: readonly RandomStep[]) {
  const all = [...drawn, { add: true, reads: [0, 1] as const }];
  const read = new Set(all.flatMap(used));
  const outputs = all.map((_, at) => at + inputCount).filter((place) => !read.has(place));
  const written = all.map((step, at) => {
    const [left = 0, right] = used(step).map(nameOf);
    const reads = right === undefined ? `x=${left}` : `p=${left} q=${right}`;
    return `${step.add ? 'add' : 'same'}: ${reads} -> y=${nameOf(at + inputCount)}`;
  });
  return { all, outputs, written };
}

function directly(all: readonly RandomStep[], inputs: readonly number[][]): number[][] {
  const values = [...inputs];
  for (const step of all) {
    const [left = [], right] = used(step).map((place) => values[place] ?? []);
    values.push(right === undefined ? left : left.map((value, at) => value + (right[at] ?? 0)));
  }
  return values;
}

test('a random ensemble gives what its steps give one after the other', () => {
  const vector = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));
  const order = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
  const run = fc.record({
    drawn: steps,
    inputs: fc.tuple(vector, vector),
    turns: order,
    turned: fc.nat(),
    all: fc.boolean(),
  });
  fc.assert(
    fc.property(run, ({ drawn, inputs, turns, turned, all }) => {
      const graph = ensembleOf(drawn);
      // The order of the steps in the configuration says nothing.
      const at = turned % graph.written.length;
      const shuffled = [...graph.written.slice(at), ...graph.written.slice(0, at)];
      const text = ensembleText('I0 I1', graph.outputs.map(nameOf).join(' '), shuffled);
      const inventory = inventoryOf([vectors('same', 'x -> y'), vectors('add', 'p q -> y'), configured('e', text)]);
      const { steps: sent, submit } = startEnsembles(inventory);
      const wanted = all ? graph.outputs : graph.outputs.slice(0, 1);
      const outputs = all ? [] : wanted.map((place) => ({ name: nameOf(place) }));
      const made = submit({ I0: inputs[0], I1: inputs[1] }, {}, { outputs });
      const answered = new Set<unknown>();
      for (let turn = 0; made.answers.length === 0; turn++) {
        const open = sent.filter((step) => !answered.has(step));
        const step = open[(turns[turn % turns.length] ?? 0) % open.length];
        assert.ok(step !== undefined, 'a step is open as long as there is no answer');
        answered.add(step);
        const { x, p = [], q = [] } = step.inputs;
        step.answer({ y: x ?? p.map((value, index) => value + (q[index] ?? 0)) });
      }
      const values = directly(graph.all, inputs);
      assert.deepEqual(made.outputs, Object.fromEntries(wanted.map((place) => [nameOf(place), values[place]])));
      assert.ok(sent.length <= graph.all.length);
    }),
  );
});
