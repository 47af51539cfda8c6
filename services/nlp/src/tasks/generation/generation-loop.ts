// Continuous batching (Yu et al., "Orca", OSDI 22): one loop for each instance. Before every step those leave that are finished or
// that nobody waits for, prompts of newcomers are read, as much as the others can wait for, and whoever has read its prompt joins.
// Then one run gives each sequence its next token. Between runs the thread hears of who has come and who has left.
import { freeMemory } from '@weft/tensor';
import { emptyCache, type Cache } from './cache.ts';
import type { DecoderModel } from './decoder-model.ts';
import { planPrefill, PrefillPace } from './plan-prefill.ts';
import { mergeGroups, type RowGroup, withoutMembers } from './row-group.ts';
import type { Sequence } from './sequence.ts';

export interface GenerationMeter {
  /** Sequences have come, or gone. */
  onRunning(change: number): void;
  onFirstToken(sinceArrivalMs: number): void;
  onNextToken(sinceLastMs: number): void;
  /** A run that decoded so many sequences. */
  onStep(rows: number): void;
}

export interface GenerationLoopOptions {
  readonly model: DecoderModel;
  readonly meter: GenerationMeter;
  /** Milliseconds on a monotonic scale. */
  readonly now: () => number;
  /** Lets the thread hear of messages. */
  readonly giveWay: () => Promise<void>;
}

interface Member {
  readonly sequence: Sequence;
  /** When its last token came; before the first, when it came itself. */
  sinceMs: number;
}

/** Whose prompt is not read yet. */
interface Newcomer extends Member {
  cache: Cache;
  /** Tokens of the prompt that are in the cache. */
  read: number;
}

export class GenerationLoop {
  readonly #options: GenerationLoopOptions;
  readonly #pace = new PrefillPace();
  #newcomers: Newcomer[] = [];
  #groups: RowGroup<Member>[] = [];
  #looping = false;

  constructor(options: GenerationLoopOptions) {
    this.#options = options;
  }

  /** Sequences that it has. */
  get size(): number {
    return this.#newcomers.length + this.#groups.reduce((sum, { members }) => sum + members.length, 0);
  }

  /** Takes a sequence in; it is advanced until it is over. */
  add(sequence: Sequence): void {
    const { model, meter, now } = this.#options;
    this.#newcomers.push({ sequence, sinceMs: now(), cache: emptyCache(model.layout), read: 0 });
    meter.onRunning(1);
    if (!this.#looping) void this.#loop();
  }

  async #loop(): Promise<void> {
    this.#looping = true;
    const { giveWay } = this.#options;
    do {
      await giveWay();
      this.#sweep();
      await this.#prefill();
      await this.#decode();
    } while (this.size > 0);
    this.#looping = false;
  }

  #sweep(): void {
    const before = this.size;
    this.#newcomers = this.#newcomers.filter(({ sequence }) => !sequence.over);
    this.#groups = this.#groups.flatMap((group) => withoutMembers(group, ({ sequence }) => sequence.over) ?? []);
    this.#options.meter.onRunning(this.size - before);
  }

  async #prefill(): Promise<void> {
    if (this.#newcomers.length === 0 && this.#groups.length <= 1) return;
    const { giveWay } = this.#options;
    const remaining = this.#newcomers.map(({ sequence, read }) => sequence.prompt.length - read);
    const chunks = planPrefill(remaining, this.#pace.budget(this.#groups.length > 0));
    for (const [index, newcomer] of [...this.#newcomers.entries()]) {
      const tokens = chunks[index] as number;
      if (tokens === 0 || newcomer.sequence.over) continue;
      await this.#read(newcomer, tokens);
      await giveWay();
    }
    // Who has failed leaves with the next sweep.
    const ready = this.#newcomers.filter(({ sequence, read }) => read === sequence.prompt.length && !sequence.over);
    this.#newcomers = this.#newcomers.filter((newcomer) => !ready.includes(newcomer));
    const { layout, padded } = this.#options.model;
    const singles = ready.map(({ sequence, sinceMs, cache }) => ({ cache, members: [{ sequence, sinceMs }] }));
    this.#groups = mergeGroups([...this.#groups, ...singles], { layout, padded });
  }

  /** The next tokens of a prompt; behind the last of them the first token is chosen. */
  async #read(newcomer: Newcomer, count: number): Promise<void> {
    const { model, now } = this.#options;
    const { sequence, cache, read } = newcomer;
    const startedMs = now();
    const scored = read + count === sequence.prompt.length;
    try {
      const step = await model.forward({ cache, tokens: [sequence.prompt.slice(read, read + count)], scored });
      this.#pace.onPrefill(count, now() - startedMs);
      newcomer.cache = step.cache;
      newcomer.read += count;
      if (scored) this.#advance(newcomer, step.scores[0] as Float32Array);
      freeMemory([...cache.parts, ...step.scores]);
    } catch (thrown) {
      sequence.fail(thrown);
    }
  }

  async #decode(): Promise<void> {
    const { model, meter, now, giveWay } = this.#options;
    const startedMs = now();
    const groups: RowGroup<Member>[] = [];
    for (const [index, waiting] of this.#groups.entries()) {
      if (index > 0) await giveWay();
      // Who has left while prompts were read costs no step.
      const group = withoutMembers(waiting, ({ sequence }) => sequence.over);
      meter.onRunning((group?.members.length ?? 0) - waiting.members.length);
      if (group === undefined) continue;
      const tokens = group.members.map(({ sequence }) => [sequence.lastToken]);
      try {
        const { cache, scores } = await model.forward({ cache: group.cache, tokens, scored: true });
        meter.onStep(tokens.length);
        for (const [row, member] of group.members.entries()) this.#advance(member, scores[row] as Float32Array);
        freeMemory([...group.cache.parts, ...scores]);
        groups.push({ cache, members: group.members });
      } catch (thrown) {
        for (const { sequence } of group.members) sequence.fail(thrown);
        meter.onRunning(-group.members.length);
      }
    }
    this.#groups = groups;
    if (groups.length > 0) this.#pace.onStep(now() - startedMs);
  }

  #advance(member: Member, scores: Float32Array): void {
    const { meter, now } = this.#options;
    const before = member.sequence.generatedTokens;
    member.sequence.advance(scores);
    const atMs = now();
    if (before === 0) meter.onFirstToken(atMs - member.sinceMs);
    else meter.onNextToken(atMs - member.sinceMs);
    member.sinceMs = atMs;
  }
}
