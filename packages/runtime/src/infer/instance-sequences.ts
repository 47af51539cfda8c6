// What an instance remembers of its sequences: whether each has begun, and the state that the model gave with its last request.
// A request that fails, or that nobody waits for any more, changes nothing; the next one begins the sequence where the first
// did not. A sequence is forgotten at its END, when its router says so, and when its router has said nothing for so long that
// it must be gone; and beyond a bound the one that was used longest ago is.
import { WeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import type { Artifact } from '@weft/models';
import type { SequenceBatching } from '@weft/models/config';
import type { ItemSequence } from '@weft/rpc/wire';
import type { Tensor, TensorMap, TensorSpec } from '@weft/tensor';
import { checkSequenceTensors, controlShape, controlTensor, initialState, ownTensor } from './sequence-tensors.ts';

export interface InstanceSequencesOptions {
  readonly model: string;
  readonly batching: SequenceBatching;
  /** All of the model's tensors. */
  readonly tensors: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  readonly batches: boolean;
  readonly artifact: Pick<Artifact, 'initialStates'>;
  readonly clock: Clock;
}

/** One request of a sequence on its way through the model. */
export interface SequenceStep {
  /** The tensors that the server makes. */
  readonly inputs: TensorMap;
  /** The request was answered: the sequence goes on from what the model gave. */
  commit(outputs: TensorMap): void;
}

interface Remembered {
  /** By input. */
  states: TensorMap;
  /** A request of it was computed. */
  begun: boolean;
  usedMs: number;
}

/** Routers that may have all the slots of an instance taken at once; beyond that sequences are forgotten. */
const mostRouters = 16;
/** A router ends a sequence after its idle time, unless requests of it still wait there. */
const graceMs = 60_000;

export class InstanceSequences {
  readonly #options: InstanceSequencesOptions;
  readonly #initial: TensorMap;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  /** By key, the one that was used longest ago first. */
  readonly #remembered = new Map<string, Remembered>();
  readonly #forgetMs: number;
  #cancelTimer: (() => void) | undefined;

  /** Throws INVALID_ARGUMENT for a configuration that does not fit the model. */
  constructor(options: InstanceSequencesOptions) {
    const { batching, tensors, batches, artifact } = options;
    checkSequenceTensors(batching, tensors);
    this.#options = options;
    this.#forgetMs = 10 * batching.idleMs + graceMs;
    this.#initial = Object.fromEntries(
      batching.states.map((state) => [state.input, initialState(state, batches, artifact)]),
    );
    const shapeOf = (name: string): number[] =>
      controlShape(tensors.inputs.find((spec) => spec.name === name) as TensorSpec, batches);
    this.#shapes = new Map(batching.controls.map(({ name }) => [name, shapeOf(name)]));
  }

  /** How many it remembers. */
  get size(): number {
    return this.#remembered.size;
  }

  /** Outputs that every run must give, whatever was asked for. */
  get stateOutputs(): readonly string[] {
    return this.#options.batching.states.map(({ output }) => output);
  }

  /** The inputs that the server makes, as they are for a sequence that begins. */
  get inputs(): readonly TensorSpec[] {
    const { controls } = this.#options.batching;
    const specs = controls.map(({ name, datatype }) => ({ name, datatype, shape: this.#shapes.get(name) ?? [] }));
    const states = Object.entries(this.#initial).map(([name, { datatype, shape }]) => ({ name, datatype, shape }));
    return [...specs, ...states];
  }

  /** Throws UNAVAILABLE for a sequence that was forgotten, INVALID_ARGUMENT for an id that the model cannot take. */
  step(sequence: ItemSequence): SequenceStep {
    const { batching, model } = this.#options;
    const known = this.#remembered.get(sequence.key);
    if (known === undefined && !sequence.start && batching.states.length > 0) {
      const why = 'its instance was started anew, or has forgotten it';
      throw new WeftError('UNAVAILABLE', `sequence ${sequence.id} of model '${model}' is lost: ${why}`);
    }
    const at = known === undefined || sequence.start ? this.#fresh(sequence.start) : known;
    const flags = { sequence, begins: !at.begun };
    const controls = batching.controls.map((control): [string, Tensor] => [
      control.name,
      controlTensor(control, this.#shapes.get(control.name) as number[], flags),
    ]);
    this.#remember(sequence.key, at);
    return {
      inputs: { ...Object.fromEntries(controls), ...at.states },
      commit: (outputs) => {
        if (sequence.end) this.#remembered.delete(sequence.key);
        at.begun = true;
        at.states = Object.fromEntries(
          batching.states.map(({ input, output }) => [input, ownTensor(outputs[output] as Tensor)]),
        );
      },
    };
  }

  /** A request that was not answered with a response: what comes next goes on as if it had not been. */
  failed({ key, start, end }: ItemSequence): void {
    if (end) this.#remembered.delete(key);
    else if (start) this.#remember(key, this.#fresh(true));
  }

  /** No request of these follows. */
  release(keys: readonly string[]): void {
    for (const key of keys) this.#remembered.delete(key);
  }

  unload(): void {
    this.#cancelTimer?.();
    this.#remembered.clear();
  }

  /** `first`: the next request is the first. Of one that is not, and whose first was computed by another instance, nothing is lost. */
  #fresh(first: boolean): Remembered {
    return { states: this.#initial, begun: !first, usedMs: 0 };
  }

  #remember(key: string, remembered: Remembered): void {
    const { batching, clock } = this.#options;
    remembered.usedMs = clock.now();
    this.#remembered.delete(key);
    this.#remembered.set(key, remembered);
    const most = mostRouters * batching.slots;
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= most) break;
      this.#remembered.delete(oldest);
    }
    this.#cancelTimer ??= clock.setTimer(this.#forgetMs, () => this.#forget());
  }

  #forget(): void {
    const { clock } = this.#options;
    this.#cancelTimer = undefined;
    const nowMs = clock.now();
    for (const [key, { usedMs }] of this.#remembered) {
      if (usedMs + this.#forgetMs > nowMs) {
        this.#cancelTimer = clock.setTimer(usedMs + this.#forgetMs - nowMs, () => this.#forget());
        return;
      }
      this.#remembered.delete(key);
    }
  }
}
