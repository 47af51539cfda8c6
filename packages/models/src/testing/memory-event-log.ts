// For tests: an event log in memory. It keeps the contract of the real ones, and can be cut off from its followers.
import { createHash } from 'node:crypto';
import { WeftError } from '@weft/errors';
import type { ArtifactDepot, StoredFile } from '../event-log/artifact-depot.ts';
import {
  type EventLog,
  type Follower,
  type LoggedEvent,
  maxEventBytes,
  type NewEvent,
} from '../event-log/event-log.ts';

export class MemoryEventLog implements EventLog {
  readonly artifacts = new MemoryDepot();
  readonly #last = new Map<string, LoggedEvent>();
  readonly #followers = new Set<Follower>();
  #revision = 0;
  #problem: string | undefined;

  async append({ model, bytes, after }: NewEvent): Promise<number> {
    if (this.#problem !== undefined) throw new WeftError('UNAVAILABLE', this.#problem);
    if (bytes.length > maxEventBytes)
      throw new WeftError(
        'INVALID_ARGUMENT',
        `an event of ${bytes.length} bytes is over the limit of ${maxEventBytes}`,
      );
    const known = this.#last.get(model)?.revision ?? 0;
    if (known !== after)
      throw new WeftError('ABORTED', `model '${model}' has changed meanwhile: revision ${known}, not ${after}`);
    const event = { model, bytes, revision: ++this.#revision };
    this.#last.set(model, event);
    for (const follower of [...this.#followers]) follower.onEvent(event);
    return event.revision;
  }

  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    this.#tellAll(follower);
    return () => void this.#followers.delete(follower);
  }

  async close(): Promise<void> {
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

  /** Anything, as a faulty writer might leave it: no check, no order. */
  deliver(event: LoggedEvent): void {
    for (const follower of [...this.#followers]) follower.onEvent(event);
  }

  #tellAll(follower: Follower): void {
    if (this.#problem !== undefined) {
      follower.onProblem(this.#problem);
      return;
    }
    for (const event of this.#last.values()) follower.onEvent(event);
    follower.onCaughtUp();
  }
}

class MemoryDepot implements ArtifactDepot {
  readonly #files = new Map<string, Buffer>();

  async has({ sha256 }: StoredFile): Promise<boolean> {
    return this.#files.has(sha256);
  }

  async put({ sha256, size }: StoredFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (bytes.length !== size || digest !== sha256)
      throw new WeftError(
        'DATA_LOSS',
        `expected ${size} bytes with the digest ${sha256}, got ${bytes.length} with ${digest}`,
      );
    this.#files.set(sha256, bytes);
  }

  async *get({ sha256 }: StoredFile, fromByte: number): AsyncIterable<Uint8Array> {
    const bytes = this.#files.get(sha256);
    if (bytes === undefined) throw new WeftError('NOT_FOUND', `no artifact with the digest ${sha256}`);
    yield bytes.subarray(fromByte);
  }
}
