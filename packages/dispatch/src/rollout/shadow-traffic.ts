// Copies of requests for the shadow version: each is sent once, in the lowest class, after the original was admitted, and its
// answer is compared with the original's and thrown away. A copy waits in the queue of its own version, not where originals do;
// no more than a few are on their way at once, and whatever becomes of one is only counted: it never fails a request. It does cost:
// the replicas compute it beside the originals, on the same processors, and the router holds its bytes.
import type { Clock } from '@weft/flow';
import type { VersionView } from '../replicas/inventory.ts';
import type { Answer, Call, PendingCall } from '../lanes/pending-call.ts';
import { schedulingFor } from '../lanes/queueing-terms.ts';
import { sameAnswer } from './compare-answers.ts';
import { DrawPoints } from './draw-points.ts';
import type { Share } from './version-shares.ts';

/** same, different: both answered; failed: the shadow did not; skipped: it was not asked, or the original did not answer. */
export type ShadowOutcome = 'same' | 'different' | 'failed' | 'skipped';

export interface ShadowTrafficOptions {
  readonly clock: Clock;
  readonly onOutcome: (model: string, version: string, outcome: ShadowOutcome) => void;
  /** Admits a copy to the lane of its version, or throws. */
  readonly submit: (copy: Call, view: VersionView) => PendingCall;
}

export interface Shadowed {
  /** The original, whose answer is looked at on its way. */
  readonly call: Call;
  /** To be called once the original is admitted. */
  send(): void;
}

/** Of all models together: their payloads and answers are held as long as they are on their way. */
const mostInFlight = 64;
/** A copy of a request without a deadline waits no longer. */
const longestMs = 30_000;

export class ShadowTraffic {
  readonly #options: ShadowTrafficOptions;
  readonly #points = new DrawPoints();
  #inFlight = 0;

  constructor(options: ShadowTrafficOptions) {
    this.#options = options;
  }

  /** Models that are gone need no memory. */
  keepOnly(models: ReadonlyMap<string, unknown>): void {
    this.#points.keepOnly(models);
  }

  /** undefined: this call is not copied. */
  draw(call: Call, { view, share }: Share<VersionView>): Shadowed | undefined {
    if (this.#points.next(call.model) >= share) return undefined;
    const { onOutcome } = this.#options;
    const told = (outcome: ShadowOutcome): void => onOutcome(call.model, view.version, outcome);
    if (this.#inFlight >= mostInFlight) {
      told('skipped');
      return undefined;
    }
    const pair = new Pair(call.method, told);
    // Whatever a call has: the original is the call that it was.
    const original: Call = {
      ...call,
      settle(answer) {
        call.settle(answer);
        pair.settle('original', answer);
      },
    };
    return { call: original, send: () => this.#send(call, view, pair) };
  }

  #send(call: Call, view: VersionView, pair: Pair): void {
    const { clock, submit } = this.#options;
    const deadlineMs = Math.min(call.deadlineMs, clock.now() + longestMs);
    // The lowest class that the version has.
    const priority = schedulingFor(view).priorityLevels;
    const { model, method, payload, rows, timeoutMs, tenant } = call;
    const settle = (answer: Answer): void => {
      this.#inFlight -= 1;
      pair.settle('shadow', answer);
    };
    const copy: Call = {
      ...{ model, version: view.version, method, payload, rows, deadlineMs, timeoutMs, tenant, priority, settle },
      // The trace is that of the original: a copy would show twice in it.
      traceparent: '',
      once: true,
    };
    this.#inFlight += 1;
    try {
      submit(copy, view);
    } catch {
      // There is no room for it, or it is no call for this version.
      this.#inFlight -= 1;
      pair.skip();
    }
  }
}

/** The two answers of one request, whichever comes first. An original that its client gave up has none. */
class Pair {
  readonly #method: string;
  readonly #told: (outcome: ShadowOutcome) => void;
  #first: Answer | undefined;
  #over = false;

  constructor(method: string, told: (outcome: ShadowOutcome) => void) {
    this.#method = method;
    this.#told = told;
  }

  skip(): void {
    this.#end('skipped');
  }

  settle(side: 'original' | 'shadow', answer: Answer): void {
    if (this.#over) return;
    if ('error' in answer) this.#end(side === 'original' ? 'skipped' : 'failed');
    else if (this.#first === undefined) this.#first = answer;
    else if ('payload' in this.#first)
      this.#end(sameAnswer(this.#method, this.#first.payload, answer.payload) ? 'same' : 'different');
  }

  #end(outcome: ShadowOutcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#first = undefined;
    this.#told(outcome);
  }
}
