// The event log on NATS: a JetStream stream whose sequence numbers are the revisions, and an object store for the artifacts.
// JetStream itself compares and swaps: it takes an event only after the revision that its writer knows.
//
// After each loss of NATS everything is told again. A stream that was lost with its server begins again at revision 1; what it
// tells then is told all the same, and a model of which it tells nothing stays as it was.
import { setTimeout as delay } from 'node:timers/promises';
import { WeftError } from '@weft/errors';
import type { ConnectionOptions } from 'nats';
import { changedMeanwhile, checkNewEvent } from '../check-new-event.ts';
import type { EventLog, Follower, NewEvent } from '../event-log.ts';
import { tell } from '../tell.ts';
import { ensureStream } from './event-stream.ts';
import { followStream } from './follow-stream.ts';
import { NatsArtifactDepot } from './nats-artifact-depot.ts';
import { isWrongLastSequence, lastSequenceIn, natsError } from './nats-error.ts';
import { NatsLink, type Session } from './nats-link.ts';
import { subjectOf } from './subject.ts';

export interface NatsEventLogOptions {
  /** Asked at each connection. */
  readonly connection: () => ConnectionOptions;
  /** For messages to people. */
  readonly servers: string;
  readonly stream: string;
  readonly replicas: number;
  readonly writes: boolean;
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number;
}

interface Following {
  readonly follower: Follower;
  readonly unfollowed: AbortController;
  problem: string | undefined;
}

const pauseMs = 1_000;

export class NatsEventLog implements EventLog {
  readonly artifacts: NatsArtifactDepot;
  readonly #options: NatsEventLogOptions;
  readonly #link: NatsLink;
  readonly #followings = new Set<Following>();
  #problem: string | undefined;

  constructor(options: NatsEventLogOptions) {
    this.#options = options;
    this.#link = new NatsLink({
      options: options.connection,
      servers: options.servers,
      onSession: (session) => {
        this.#problem = undefined;
        for (const following of this.#followings) void this.#follow(session, following);
      },
      onProblem: (problem) => {
        this.#problem = problem;
        for (const following of [...this.#followings]) tellProblem(following, problem);
      },
    });
    this.artifacts = new NatsArtifactDepot({ ...options, link: this.#link });
  }

  async append(event: NewEvent): Promise<number> {
    const { stream, writes } = this.#options;
    if (!writes)
      throw new WeftError('FAILED_PRECONDITION', 'this process only reads the event log: a router writes it');
    checkNewEvent(event);
    const session = await this.#link.ready();
    try {
      await ensureStream(session, this.#options);
      const expect = { streamName: stream, lastSubjectSequence: event.after };
      const { seq } = await session.jetstream.publish(subjectOf(event.model), event.bytes, { expect, timeout: 5_000 });
      return seq;
    } catch (error) {
      if (isWrongLastSequence(error)) throw changedMeanwhile(event, lastSequenceIn(error));
      throw natsError(`cannot append to the event log of '${event.model}'`, error);
    }
  }

  follow(follower: Follower): () => void {
    if (this.#link.closing.aborted) {
      follower.onProblem('the event log is closed');
      return () => {};
    }
    const following: Following = { follower, unfollowed: new AbortController(), problem: undefined };
    this.#followings.add(following);
    if (this.#problem !== undefined) tellProblem(following, this.#problem);
    const { session } = this.#link;
    if (session === undefined) this.#link.start();
    else void this.#follow(session, following);
    return () => {
      this.#followings.delete(following);
      following.unfollowed.abort();
    };
  }

  async close(): Promise<void> {
    for (const { unfollowed } of this.#followings) unfollowed.abort();
    this.#followings.clear();
    await this.#link.close();
  }

  /** For as long as the session lasts. Never rejects. */
  async #follow(session: Session, following: Following): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    for (const signal of [session.lost, following.unfollowed.signal]) signal.addEventListener('abort', end);
    try {
      await this.#followUntil(ending.signal, session, following);
    } finally {
      for (const signal of [session.lost, following.unfollowed.signal]) signal.removeEventListener('abort', end);
    }
  }

  async #followUntil(ended: AbortSignal, session: Session, following: Following): Promise<void> {
    const follower: Follower = {
      onEvent: (event) => following.follower.onEvent(event),
      onCaughtUp: () => following.follower.onCaughtUp(),
      onProblem: (problem) => tellProblem(following, problem),
    };
    while (!ended.aborted) {
      try {
        await ensureStream(session, this.#options);
        await followStream({ session, stream: this.#options.stream, follower, ended });
      } catch (error) {
        // Of a lost session the link tells.
        if (ended.aborted || session.connection.isClosed()) return;
        tellProblem(following, natsError('cannot follow the event log', error).message);
      }
      await delay(pauseMs, undefined, { signal: ended }).catch(() => undefined);
    }
  }
}

function tellProblem(following: Following, problem: string | undefined): void {
  if (following.unfollowed.signal.aborted || following.problem === problem) return;
  following.problem = problem;
  tell(() => following.follower.onProblem(problem));
}
