// The credits of one model version: who may send a batch to which of its instances.
//
// A credit for an instance that takes a batch goes to everyone who has attached: nobody asks for one, and the first that
// spends it wins. That is all as long as one router works with this replica. Where several do, they are told so, and each says
// what waits for it (Demand). Then a credit is reserved for the most urgent of those who wait, so that no batch is sent in vain.
// It stays so for a moment only: whoever does not use it, or leaves it, shares it with all others as before.
//
// Whoever has never told a demand has a credit with each reserved one: it may not know of them.
import { type Clock, CreditTurns } from '@weft/flow';
import { type CreditKind, type Demand, encodeCredit, encodeSharing } from '@weft/rpc';
import type { Session } from './model-version-options.ts';

/** A router counts as long as it has sent a batch within this time, or waits to send one. */
const workingMs = 2000;
/** So often they are told how much of the work is theirs, if that has changed, and what came before counts so much less. */
const tellMs = 200;
const fading = 0.8;
const noticeable = 0.03;
/** A credit is reserved for two ways through the network, and as long as a busy router may need: this part of a batch's time. */
const reservedPart = 0.25;
const leastReservedMs = 3;
const mostReservedMs = 50;

interface Member {
  /** When it last sent a batch. */
  workedMs: number;
  tellsDemand: boolean;
  /** That came lately; counted while others work here too. */
  rows: number;
  /** Its part of all, as it was told. */
  toldPart: number;
}

/** An instance that takes a batch. */
interface Offer {
  readonly holders: Set<Session>;
  reservedFor: Session | undefined;
  cancelTimer: () => void;
}

export interface VersionCreditsOptions {
  readonly version: string;
  readonly clock: Clock;
  /** Whether any credit serves any of those who wait: sequences want that of their own instance. */
  readonly arbitrated: boolean;
}

export class VersionCredits {
  readonly #options: VersionCreditsOptions;
  readonly #members = new Map<Session, Member>();
  readonly #offers = new Map<number, Offer>();
  readonly #turns = new CreditTurns<Session>();
  /** Of each instance: when it last got a batch. */
  readonly #spentMs = new Map<number, number>();
  /** That work with this replica now. */
  #routers = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: VersionCreditsOptions) {
    this.#options = options;
  }

  attach(session: Session): void {
    const workedMs = Number.NEGATIVE_INFINITY;
    this.#members.set(session, { workedMs, tellsDemand: false, rows: 0, toldPart: 0 });
    if (this.#shared) this.#tell(session);
    for (const [index, offer] of this.#offers)
      if (offer.reservedFor === undefined) this.#give('credit', session, index);
  }

  detach(session: Session): void {
    this.#members.delete(session);
    this.#turns.forget(session);
    for (const [index, offer] of this.#offers) {
      offer.holders.delete(session);
      if (offer.reservedFor === session) this.#open(index, offer);
    }
    this.#count();
  }

  /** The instance takes a batch: to be called whenever that may have become true. */
  offer(index: number): void {
    let offer = this.#offers.get(index);
    if (offer?.reservedFor !== undefined) return;
    if (offer === undefined) {
      offer = { holders: new Set(), reservedFor: undefined, cancelTimer: () => {} };
      this.#offers.set(index, offer);
    }
    const next = this.#shared && offer.holders.size === 0 ? this.#turns.next() : undefined;
    if (next === undefined) this.#open(index, offer);
    else this.#reserve(next, index, offer);
  }

  /** Takes back what is granted and unspent. */
  revoke(index: number): void {
    const offer = this.#offers.get(index);
    if (offer === undefined) return;
    this.#offers.delete(index);
    offer.cancelTimer();
    for (const session of offer.holders) session.send(encodeCredit('credit_return', this.#options.version, index));
  }

  /** A batch of so many rows has come: whether it had a credit, which is spent thereby. */
  spend(session: Session, index: number, rows: number): boolean {
    this.#worked(session);
    this.#turns.forget(session);
    const offer = this.#offers.get(index);
    if (offer === undefined || !offer.holders.delete(session)) return false;
    // Whose turn the next one is has to be found out anew.
    if (this.#shared) {
      this.#spentMs.set(index, this.#options.clock.now());
      this.revoke(index);
      const member = this.#members.get(session);
      if (member !== undefined) member.rows += rows;
    }
    return true;
  }

  /** What waits at a router. */
  demand(session: Session, { rows, slackUs, priority }: Omit<Demand, 'version'>): void {
    const member = this.#members.get(session);
    if (member === undefined) return;
    member.tellsDemand = true;
    if (rows === 0) {
      this.#turns.forget(session);
      for (const [index, offer] of this.#offers) if (offer.reservedFor === session) this.#open(index, offer);
      return;
    }
    // It has crossed a credit on the way.
    if ([...this.#offers.values()].some(({ holders }) => holders.has(session))) return;
    this.#turns.ask(session, { priority, dueMs: this.#options.clock.now() + slackUs / 1000 });
  }

  get #shared(): boolean {
    return this.#routers > 1;
  }

  #reserve(session: Session, index: number, offer: Offer): void {
    const { clock } = this.#options;
    const tookMs = clock.now() - (this.#spentMs.get(index) ?? clock.now());
    const reservedMs = Math.min(mostReservedMs, Math.max(leastReservedMs, reservedPart * tookMs));
    offer.reservedFor = session;
    offer.cancelTimer = clock.setTimer(reservedMs, () => this.#open(index, offer));
    this.#give('reserved_credit', session, index);
    for (const [other, { tellsDemand }] of this.#members)
      if (!tellsDemand && other !== session) this.#give('credit', other, index);
  }

  /** Everyone has a credit for it from now on. */
  #open(index: number, offer: Offer): void {
    offer.cancelTimer();
    offer.reservedFor = undefined;
    for (const session of this.#members.keys()) if (!offer.holders.has(session)) this.#give('credit', session, index);
  }

  #give(kind: CreditKind, session: Session, index: number): void {
    this.#offers.get(index)?.holders.add(session);
    this.#turns.answered(session);
    session.send(encodeCredit(kind, this.#options.version, index));
  }

  #worked(session: Session): void {
    const member = this.#members.get(session);
    if (member === undefined || !this.#options.arbitrated) return;
    const nowMs = this.#options.clock.now();
    const counted = nowMs - member.workedMs < workingMs;
    member.workedMs = nowMs;
    if (!counted) this.#count();
  }

  /** How many work with this replica now; tells everyone if that has changed. */
  #count(): void {
    const { clock } = this.#options;
    const sinceMs = clock.now() - workingMs;
    const before = this.#routers;
    const works = ([session, { workedMs }]: [Session, Member]): boolean =>
      workedMs > sinceMs || this.#turns.asks(session);
    this.#routers = [...this.#members].filter(works).length;
    this.#cancelTimer();
    if (this.#shared) this.#cancelTimer = clock.setTimer(tellMs, () => this.#remind());
    else for (const member of this.#members.values()) member.rows = 0;
    if (this.#routers === before || Math.max(before, this.#routers) < 2) return;
    for (const session of this.#members.keys()) this.#tell(session);
  }

  /** Counts again, and tells those whose part of the work has changed. */
  #remind(): void {
    this.#count();
    const allRows = this.#allRows();
    for (const [session, member] of this.#members) {
      const part = this.#part(member, allRows);
      if (this.#shared && Math.abs(part - member.toldPart) > noticeable) this.#tell(session);
    }
    for (const member of this.#members.values()) member.rows *= fading;
  }

  #tell(session: Session): void {
    const member = this.#members.get(session) as Member;
    const allRows = this.#allRows();
    member.toldPart = this.#part(member, allRows);
    const counted = { rows: Math.round(member.rows), allRows: Math.round(allRows) };
    session.send(encodeSharing({ version: this.#options.version, routers: this.#routers, ...counted }));
  }

  /** As routers make it out: without any rows equal parts. */
  #part({ rows }: Member, allRows: number): number {
    return (rows + 1) / (allRows + this.#routers);
  }

  #allRows(): number {
    let sum = 0;
    for (const { rows } of this.#members.values()) sum += rows;
    return sum;
  }
}
