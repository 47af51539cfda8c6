// Continuous batching (Yu et al., "Orca", OSDI 22): one loop for each instance. Before every step those leave that are finished or
// that nobody waits for, whoever the caches have room for is let in, prompts of newcomers are read, as much as the others can wait for,
// and whoever has read its prompt joins. Then one run gives each sequence its next token. Between runs the thread hears of who has come
// and who has left.
import { invalidArgument } from '@weft/errors';
import { freeMemory } from '@weft/tensor';
import { emptyCache, type Cache } from './cache.ts';
import { countFitting } from './cache-room.ts';
import type { DecoderModel } from './decoder-model.ts';
import { planPrefill, PrefillPace } from './plan-prefill.ts';
import { mergeGroups, type RowGroup, withoutMembers } from './row-group.ts';
import type { Sequence } from './sequence.ts';

export interface GenerationMeter {
  /** Sequences have come, or gone. */
  onRunning(change: number): void;
  /** The caches hold so many tokens more, or fewer. */
  onCached(change: number): void;
  onFirstToken(sinceArrivalMs: number): void;
  onNextToken(sinceLastMs: number): void;
  /** A run that decoded so many sequences. */
  onStep(rows: number): void;
}

export interface GenerationLoopOptions {
  readonly model: DecoderModel;
  /** Tokens of all texts together that the caches may come to hold. */
  readonly maxCacheTokens: number;
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
  /** Whom the caches have no room for yet. */
  #waiting: Member[] = [];
  #newcomers: Newcomer[] = [];
  #groups: readonly RowGroup<Member>[] = [];
  /** What the meter has heard. */
  #told = { size: 0, cached: 0 };
  #looping = false;

  constructor(options: GenerationLoopOptions) {
    this.#options = options;
  }

  /** Sequences that it has. */
  get size(): number {
    const decoded = this.#groups.reduce((sum, { members }) => sum + members.length, 0);
    return this.#waiting.length + this.#newcomers.length + decoded;
  }

  /** Takes a sequence in; it is advanced until it is over. One that could never have room fails at once, with INVALID_ARGUMENT. */
  add(sequence: Sequence): void {
    const { maxCacheTokens, now } = this.#options;
    if (sequence.mostTokens > maxCacheTokens) {
      sequence.fail(
        invalidArgument(
          `max_tokens: prompt and text may have ${sequence.mostTokens} tokens together, and the model's caches hold at most ${maxCacheTokens} (weft.max_cache_tokens)`,
        ),
      );
      return;
    }
    this.#waiting.push({ sequence, sinceMs: now() });
    this.#tell();
    if (!this.#looping) void this.#loop();
  }

  async #loop(): Promise<void> {
    this.#looping = true;
    do {
      try {
        await this.#turn();
      } catch (thrown) {
        this.#failAll(thrown);
      }
      this.#tell();
    } while (this.size > 0);
    this.#looping = false;
  }

  async #turn(): Promise<void> {
    await this.#options.giveWay();
    this.#sweep();
    this.#admit();
    await this.#prefill();
    this.#join();
    await this.#decode();
  }

  #sweep(): void {
    this.#waiting = this.#waiting.filter(({ sequence }) => !sequence.over);
    for (const { sequence, cache } of this.#newcomers) if (sequence.over) freeMemory(cache.parts);
    this.#newcomers = this.#newcomers.filter(({ sequence }) => !sequence.over);
    this.#groups = this.#groups.flatMap((group) => withoutMembers(group, ({ sequence }) => sequence.over) ?? []);
  }

  /** Room is kept for all that a text may become: half-written ones could not go on otherwise. */
  #admit(): void {
    if (this.#waiting.length === 0) return;
    const { model, maxCacheTokens } = this.#options;
    const kept = this.#admitted().reduce((sum, { sequence }) => sum + sequence.mostTokens, 0);
    const waiting = this.#waiting.map(({ sequence }) => sequence.mostTokens);
    for (const member of this.#waiting.splice(0, countFitting(waiting, maxCacheTokens - kept)))
      this.#newcomers.push({ ...member, cache: emptyCache(model.layout), read: 0 });
  }

  #admitted(): Member[] {
    return [...this.#newcomers, ...this.#groups.flatMap(({ members }) => members)];
  }

  async #prefill(): Promise<void> {
    if (this.#newcomers.length === 0) return;
    const { model, giveWay } = this.#options;
    const remaining = this.#newcomers.map(({ sequence, read }) => sequence.prompt.length - read);
    const budget = this.#pace.budget(this.#groups.length > 0);
    const chunks = planPrefill(remaining, { budget, mostAtOnce: model.mostAtOnce });
    for (const [index, newcomer] of this.#newcomers.entries()) {
      const tokens = chunks[index] as number;
      if (tokens === 0 || newcomer.sequence.over) continue;
      await this.#read(newcomer, tokens);
      await giveWay();
    }
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

  /** Whoever has read its prompt becomes one of those that are decoded. */
  #join(): void {
    // Who has failed leaves with the next sweep.
    const ready = this.#newcomers.filter(({ sequence, read }) => read === sequence.prompt.length && !sequence.over);
    this.#newcomers = this.#newcomers.filter((newcomer) => !ready.includes(newcomer));
    const singles = ready.map(({ sequence, sinceMs, cache }) => ({ cache, members: [{ sequence, sinceMs }] }));
    const { groups, refused } = mergeGroups(this.#groups, singles, this.#options.model);
    this.#groups = groups;
    for (const { group, cause } of refused) {
      for (const { sequence } of group.members) sequence.fail(cause);
      freeMemory(group.cache.parts);
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
        freeMemory(group.cache.parts);
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

  /** For what nobody has thought of: whoever is there hears of it, and those who come later find a loop that goes on. */
  #failAll(thrown: unknown): void {
    for (const { sequence } of [...this.#waiting, ...this.#admitted()]) sequence.fail(thrown);
    [this.#waiting, this.#newcomers, this.#groups] = [[], [], []];
  }

  #tell(): void {
    const { meter } = this.#options;
    const now = { size: this.size, cached: 0 };
    for (const { read } of this.#newcomers) now.cached += read;
    for (const { cache } of this.#groups) for (const length of cache.lengths) now.cached += length;
    meter.onRunning(now.size - this.#told.size);
    meter.onCached(now.cached - this.#told.cached);
    this.#told = now;
  }
}
