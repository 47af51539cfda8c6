// For tests: an event log in memory. It keeps the contract of the real ones, and can be cut off from its followers.
import { WeftError } from '@weft/errors';
import type { ArtifactDepot, StoredFile } from '../event-log/artifact-depot.ts';
import { changedMeanwhile, checkNewEvent } from '../event-log/check-new-event.ts';
import { digestChecked } from '../event-log/digest-check.ts';
import type { EventLog, Follower, LoggedEvent, NewEvent } from '../event-log/event-log.ts';

export class MemoryEventLog implements EventLog {
  readonly artifacts = new MemoryDepot();
  readonly #last = new Map<string, LoggedEvent>();
  readonly #followers = new Set<Follower>();
  #revision = 0;
  #problem: string | undefined;
  #closed = false;

  async append(appended: NewEvent): Promise<number> {
    const { model, bytes, after } = appended;
    if (this.#closed) throw new WeftError('UNAVAILABLE', 'the event log is closed');
    if (this.#problem !== undefined) throw new WeftError('UNAVAILABLE', this.#problem);
    checkNewEvent(appended);
    const known = this.#last.get(model)?.revision ?? 0;
    if (known !== after) throw changedMeanwhile(appended, known);
    const event = { model, bytes, revision: ++this.#revision };
    this.#last.set(model, event);
    for (const follower of [...this.#followers]) follower.onEvent(event);
    return event.revision;
  }

  follow(follower: Follower): () => void {
    if (this.#closed) {
      follower.onProblem('the event log is closed');
      return () => {};
    }
    this.#followers.add(follower);
    this.#tellAll(follower);
    return () => void this.#followers.delete(follower);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#followers.clear();
  }

  /** The log cannot be reached until the problem is undefined again. */
  cutOff(problem: string | undefined): void {
    this.#problem = problem;
    for (const follower of [...this.#followers]) {
      follower.onProblem(problem);
      if (problem === undefined) this.#tellAll(follower);
    }
  }

  /** Everything is gone, as when a NATS server comes back without its files: cut it off meanwhile. */
  empty(): void {
    this.#last.clear();
    this.#revision = 0;
  }

  /** Anything, as a faulty writer might leave it: no check, no order. */
  deliver(event: LoggedEvent): void {
    for (const follower of [...this.#followers]) follower.onEvent(event);
  }

  #tellAll(follower: Follower): void {
    if (this.#problem !== undefined) {
      follower.onProblem(this.#problem);
      return;
    }
    for (const event of [...this.#last.values()].sort((a, b) => a.revision - b.revision)) follower.onEvent(event);
    follower.onCaughtUp();
  }
}

class MemoryDepot implements ArtifactDepot {
  readonly #files = new Map<string, Buffer>();

  async has({ sha256 }: StoredFile): Promise<boolean> {
    return this.#files.has(sha256);
  }

  async put(file: StoredFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of digestChecked(file, content)) pieces.push(piece);
    this.#files.set(file.sha256, Buffer.concat(pieces));
  }

  async *get({ sha256 }: StoredFile, fromByte: number): AsyncIterable<Uint8Array> {
    const bytes = this.#files.get(sha256);
    if (bytes === undefined) throw new WeftError('NOT_FOUND', `no artifact with the digest ${sha256}`);
    yield bytes.subarray(fromByte);
  }
}
