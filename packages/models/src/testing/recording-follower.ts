// For tests: a follower that keeps what it hears, in order, and lets a test wait for something of it.
import { setTimeout as delay } from 'node:timers/promises';
import type { Follower, LoggedEvent } from '../event-log/event-log.ts';

export type Heard =
  | { readonly kind: 'event'; readonly event: LoggedEvent }
  | { readonly kind: 'caught-up' }
  | { readonly kind: 'problem'; readonly problem: string | undefined };

const patienceMs = 30_000;

export class RecordingFollower implements Follower {
  readonly heard: Heard[] = [];
  readonly #waiting = new Set<() => void>();

  onEvent(event: LoggedEvent): void {
    this.#hear({ kind: 'event', event });
  }

  onCaughtUp(): void {
    this.#hear({ kind: 'caught-up' });
  }

  onProblem(problem: string | undefined): void {
    this.#hear({ kind: 'problem', problem });
  }

  get events(): readonly LoggedEvent[] {
    return this.heard.flatMap((heard) => (heard.kind === 'event' ? [heard.event] : []));
  }

  timesCaughtUp(): number {
    return this.heard.filter(({ kind }) => kind === 'caught-up').length;
  }

  /** Resolves as soon as it holds; rejects after half a minute with what was heard by then. */
  async until(what: string, holds: (follower: this) => boolean): Promise<void> {
    const timeout = new AbortController();
    const late = delay(patienceMs, 'late' as const, { signal: timeout.signal });
    late.catch(() => undefined);
    try {
      while (!holds(this)) {
        const news = new Promise<'news'>((resolve) => this.#waiting.add(() => resolve('news')));
        if ((await Promise.race([news, late])) === 'late') throw new Error(`not heard: ${what}\n${this.#told()}`);
      }
    } finally {
      timeout.abort();
    }
  }

  async untilEvent(model: string, revision: number): Promise<LoggedEvent> {
    const find = () => this.events.find((event) => event.model === model && event.revision === revision);
    await this.until(`revision ${revision} of ${model}`, () => find() !== undefined);
    return find() as LoggedEvent;
  }

  #hear(heard: Heard): void {
    this.heard.push(heard);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #told(): string {
    return this.heard
      .map((heard) => {
        if (heard.kind === 'problem') return `problem: ${heard.problem}`;
        return heard.kind === 'event' ? `${heard.event.model} ${heard.event.revision}` : heard.kind;
      })
      .join('\n');
  }
}
