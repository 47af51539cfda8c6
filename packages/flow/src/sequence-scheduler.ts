// The sequences of one model version, and whose request goes next: each belongs to one instance from its first request on, its
// requests go one after the other, and a batch has one of each at most. It keeps no timer and asks no clock.
//
// A sequence takes a slot of an instance when its first request can go, and has it until its END is answered, nothing was heard of
// it for too long, or the instance is lost. Those that begin while all slots are taken wait in the backlog, in their order. What
// waits and is taken out again leaves its sequence as it was: a START passes to the next request, an END is the end all the
// same. A START within a sequence begins it anew in its slot, after what came before.
import { decideBatch, type SequenceSettings } from './sequence-settings.ts';
import type { LostSequence, SequenceRequest, SequenceTurn, SequenceTurns } from './sequence-turns.ts';

interface Entry<Item, Instance> {
  readonly item: Item;
  readonly sequence: Sequence<Item, Instance>;
  start: boolean;
  /** Its instance knew nothing of the sequence before it. */
  first: boolean;
  readonly end: boolean;
  readonly byteSize: number;
  readonly sinceMs: number;
}

interface Sequence<Item, Instance> {
  readonly number: number;
  readonly id: bigint | string;
  instance: Instance | undefined;
  readonly waiting: Entry<Item, Instance>[];
  sent: Entry<Item, Instance> | undefined;
  /** A request of it has gone: it is what its instance remembers of it. */
  begun: boolean;
  /** Its START was taken out: the next request begins it. */
  startDue: boolean;
  /** Its END has come: no request follows. */
  closed: boolean;
  idleSinceMs: number;
}

export class SequenceScheduler<Item extends object, Instance extends object> {
  readonly #settings: SequenceSettings;
  /** To which requests may come, by their ids. */
  readonly #open = new Map<bigint | string, Sequence<Item, Instance>>();
  readonly #entries = new Map<Item, Entry<Item, Instance>>();
  /** Without a slot, in the order in which they began. */
  readonly #backlog = new Set<Sequence<Item, Instance>>();
  readonly #held = new Map<Instance, Set<Sequence<Item, Instance>>>();
  readonly #released = new Map<Instance, number[]>();
  /** Nothing of them waits or is computed, the longest idle first. */
  readonly #idle = new Set<Sequence<Item, Instance>>();
  #nextNumber = 1;
  #size = 0;
  #byteSize = 0;

  constructor(settings: SequenceSettings) {
    this.#settings = settings;
  }

  /** Requests that wait, and their bytes. */
  get size(): number {
    return this.#size;
  }

  get byteSize(): number {
    return this.#byteSize;
  }

  /** Whether a request without START may come to this sequence. */
  holds(id: bigint | string): boolean {
    return this.#open.has(id);
  }

  /** Takes a request; false when it does not begin a sequence and its sequence is not known. */
  offer(item: Item, { id, start, end, byteSize }: SequenceRequest, nowMs: number): boolean {
    const sequence = this.#open.get(id) ?? (start ? this.#begin(id) : undefined);
    if (sequence === undefined) return false;
    const entry = { item, sequence, start, first: false, end, byteSize, sinceMs: nowMs };
    this.#entries.set(item, entry);
    this.#wait(entry, 'last');
    if (end) this.#close(sequence);
    return true;
  }

  /** No more requests come to this sequence: those that wait are the last. */
  close(id: bigint | string, nowMs: number): void {
    const sequence = this.#open.get(id);
    if (sequence === undefined) return;
    this.#close(sequence);
    this.#rest(sequence, nowMs);
  }

  /** Takes out what waits and its client has given up; false when it does not wait. */
  remove(item: Item, nowMs: number): boolean {
    const entry = this.#entries.get(item);
    if (entry === undefined || entry.sequence.sent === entry) return false;
    const { sequence, start, byteSize } = entry;
    this.#entries.delete(item);
    const at = sequence.waiting.indexOf(entry);
    sequence.waiting.splice(at, 1);
    this.#count(-1, -byteSize);
    const next = sequence.waiting[at];
    if (start && next !== undefined) next.start = true;
    else if (start) sequence.startDue = true;
    this.#rest(sequence, nowMs);
    return true;
  }

  /** The batch for one of these instances, which are free; or when to ask again. */
  next(free: readonly Instance[], nowMs: number): SequenceTurns<Item, Instance> {
    this.#expire(nowMs);
    this.#assign(free);
    let askAgainMs = this.#nextExpiryMs();
    for (const instance of free) {
      const ready = [...(this.#held.get(instance) ?? [])]
        .filter(({ waiting, sent }) => waiting.length > 0 && sent === undefined)
        .map(({ waiting }) => waiting[0] as Entry<Item, Instance>)
        .sort((a, b) => a.sinceMs - b.sinceMs);
      const [oldest] = ready;
      if (oldest === undefined) continue;
      const oldestSinceMs = oldest.sinceMs;
      const decision = decideBatch(this.#settings, { ready: ready.length, oldestSinceMs, nowMs });
      if ('waitUntilMs' in decision) {
        askAgainMs = Math.min(askAgainMs, decision.waitUntilMs);
        continue;
      }
      const turns = this.#fitting(ready, decision.rows).map((entry) => this.#send(entry));
      const released = this.#released.get(instance) ?? [];
      this.#released.delete(instance);
      return { instance, turns, released, reason: decision.reason, oldestSinceMs };
    }
    return { askAgainMs };
  }

  /** A request that went out needs no more: the next of its sequence may go. */
  answered(item: Item, nowMs: number): void {
    const entry = this.#entries.get(item);
    if (entry === undefined || entry.sequence.sent !== entry) return;
    this.#entries.delete(item);
    entry.sequence.sent = undefined;
    this.#rest(entry.sequence, nowMs);
  }

  /** A request that went out was never begun: it waits again, before all others of its sequence; false when that is lost. */
  bounced(item: Item): boolean {
    const entry = this.#entries.get(item);
    if (entry === undefined || entry.sequence.sent !== entry) return false;
    entry.sequence.sent = undefined;
    if (entry.first) entry.sequence.begun = false;
    this.#wait(entry, 'first');
    return true;
  }

  /** The instance is gone, and what it remembered. Sequences of which it had nothing yet begin elsewhere. */
  lose(instance: Instance): readonly LostSequence<Item>[] {
    const held = [...(this.#held.get(instance) ?? [])];
    this.#held.delete(instance);
    this.#released.delete(instance);
    const later = [...this.#backlog];
    const lost: LostSequence<Item>[] = [];
    for (const sequence of held) {
      sequence.instance = undefined;
      if (sequence.begun) lost.push(this.#drop(sequence));
      else this.#backlog.add(sequence);
    }
    // They had their turn already.
    for (const sequence of later) {
      this.#backlog.delete(sequence);
      this.#backlog.add(sequence);
    }
    return lost;
  }

  /** Everything that there is, taken out. */
  takeAll(): { readonly lost: readonly LostSequence<Item>[]; readonly unbegun: readonly LostSequence<Item>[] } {
    const lost = [...this.#held.keys()].flatMap((instance) => this.lose(instance));
    const unbegun = [...this.#backlog].map((sequence) => this.#drop(sequence));
    return { lost, unbegun };
  }

  #begin(id: bigint | string): Sequence<Item, Instance> {
    const number = this.#nextNumber++;
    const flags = { begun: false, startDue: false, closed: false };
    const sequence = { number, id, instance: undefined, waiting: [], sent: undefined, ...flags, idleSinceMs: 0 };
    this.#open.set(id, sequence);
    this.#backlog.add(sequence);
    return sequence;
  }

  #close(sequence: Sequence<Item, Instance>): void {
    sequence.closed = true;
    if (this.#open.get(sequence.id) === sequence) this.#open.delete(sequence.id);
  }

  #wait(entry: Entry<Item, Instance>, as: 'first' | 'last'): void {
    const { sequence } = entry;
    if (as === 'first') sequence.waiting.unshift(entry);
    else sequence.waiting.push(entry);
    this.#idle.delete(sequence);
    this.#count(1, entry.byteSize);
  }

  #send(entry: Entry<Item, Instance>): SequenceTurn<Item> {
    const { sequence, item, end, byteSize } = entry;
    entry.start ||= sequence.startDue;
    sequence.startDue = false;
    sequence.waiting.shift();
    sequence.sent = entry;
    entry.first = !sequence.begun;
    sequence.begun = true;
    this.#count(-1, -byteSize);
    return { item, id: sequence.id, number: sequence.number, start: entry.start, end };
  }

  /** What becomes of a sequence of which one request less waits or is computed. */
  #rest(sequence: Sequence<Item, Instance>, nowMs: number): void {
    if (sequence.waiting.length > 0 || sequence.sent !== undefined) return;
    if (sequence.closed) this.#free(sequence);
    else {
      sequence.idleSinceMs = nowMs;
      this.#idle.delete(sequence);
      this.#idle.add(sequence);
    }
  }

  #free(sequence: Sequence<Item, Instance>): void {
    const { instance, begun, number } = sequence;
    this.#drop(sequence);
    if (instance === undefined) return;
    this.#held.get(instance)?.delete(sequence);
    if (!begun) return;
    const released = this.#released.get(instance);
    if (released === undefined) this.#released.set(instance, [number]);
    else released.push(number);
  }

  #drop(sequence: Sequence<Item, Instance>): LostSequence<Item> {
    const { id, closed, waiting, sent } = sequence;
    this.#close(sequence);
    this.#backlog.delete(sequence);
    this.#idle.delete(sequence);
    if (sent !== undefined) this.#entries.delete(sent.item);
    for (const { item, byteSize } of waiting) {
      this.#entries.delete(item);
      this.#count(-1, -byteSize);
    }
    return { id, open: !closed, waiting: waiting.splice(0).map(({ item }) => item) };
  }

  #expire(nowMs: number): void {
    for (const sequence of this.#idle) {
      if (sequence.idleSinceMs + this.#settings.idleMs > nowMs) return;
      this.#free(sequence);
    }
  }

  #nextExpiryMs(): number {
    const [first] = this.#idle;
    return first === undefined ? Number.POSITIVE_INFINITY : first.idleSinceMs + this.#settings.idleMs;
  }

  /** Gives those who wait for one a slot of a free instance, of the one with the fewest sequences first. */
  #assign(free: readonly Instance[]): void {
    if (free.length === 0) return;
    for (const sequence of this.#backlog) {
      if (sequence.waiting.length === 0) continue;
      const load = (instance: Instance): number => this.#held.get(instance)?.size ?? 0;
      const least = free.reduce((best, instance) => (load(instance) < load(best) ? instance : best));
      if (load(least) >= this.#settings.slots) return;
      this.#backlog.delete(sequence);
      sequence.instance = least;
      const held = this.#held.get(least);
      if (held === undefined) this.#held.set(least, new Set([sequence]));
      else held.add(sequence);
    }
  }

  /** As many as the batch may have bytes for, and one at least. */
  #fitting(ready: readonly Entry<Item, Instance>[], rows: number): readonly Entry<Item, Instance>[] {
    let bytes = 0;
    const over = ready.findIndex(({ byteSize }, index) => {
      bytes += byteSize;
      return index > 0 && bytes > this.#settings.maxBytes;
    });
    return ready.slice(0, over === -1 ? rows : Math.min(rows, over));
  }

  #count(items: number, bytes: number): void {
    this.#size += items;
    this.#byteSize += bytes;
  }
}
