// The connection of an event log: dialled when it is first needed, and again for ever. Each connection is a session of its own;
// when it is lost everything on it ends, and whoever needs it starts again on the next one.
import { setTimeout as delay } from 'node:timers/promises';
import { WeftError } from '@weft/errors';
import {
  connect,
  type ConnectionOptions,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
} from 'nats';
import { natsError } from './nats-error.ts';

export interface Session {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly management: JetStreamManager;
  /** Aborts when the connection is lost. */
  readonly lost: AbortSignal;
}

export interface NatsLinkOptions {
  /** Called at each attempt; what it throws counts as a failed one. */
  readonly options: () => ConnectionOptions;
  readonly servers: string;
  readonly onSession: (session: Session) => void;
  /** Why there is no session. */
  readonly onProblem: (problem: string) => void;
}

/** A process may have started a moment before its NATS: whoever asks waits so long. */
const patienceMs = 5_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export class NatsLink {
  readonly #options: NatsLinkOptions;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<(session: Session) => void>();
  #running: Promise<void> | undefined;
  #session: Session | undefined;
  #failures = 0;
  #problem = 'not connected yet';

  constructor(options: NatsLinkOptions) {
    this.#options = options;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  start(): void {
    if (!this.#closing.signal.aborted) this.#running ??= this.#run();
  }

  /** The session there is, or will be in a moment; else rejects with UNAVAILABLE that says why not. */
  async ready(): Promise<Session> {
    this.start();
    if (this.#session !== undefined) return this.#session;
    const { signal } = this.#closing;
    return await new Promise<Session>((resolve, reject) => {
      const settle = (settled: () => void) => {
        clearTimeout(patience);
        signal.removeEventListener('abort', unavailable);
        this.#waiting.delete(arrived);
        settled();
      };
      const unavailable = () => {
        const why = signal.aborted ? 'the event log is closed' : this.#problem;
        settle(() => reject(new WeftError('UNAVAILABLE', why)));
      };
      const arrived = (session: Session) => settle(() => resolve(session));
      const patience = setTimeout(unavailable, signal.aborted ? 0 : patienceMs);
      signal.addEventListener('abort', unavailable);
      this.#waiting.add(arrived);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // An attempt to connect cannot be called off: it ends by itself, within its timeout.
    if (this.#session === undefined) return;
    await this.#session.connection.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const connection = await connect(this.#options.options());
        this.#failures = 0;
        await this.#serve(connection);
      } catch (error) {
        this.#lose(natsError(`no connection to NATS at ${this.#options.servers}`, error).message);
      }
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures) * (0.5 + Math.random());
      this.#failures += 1;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until the connection is closed, by whomever. */
  async #serve(connection: NatsConnection): Promise<void> {
    if (this.#closing.signal.aborted) return await connection.close();
    const lost = new AbortController();
    try {
      const management = await connection.jetstreamManager({ checkAPI: false });
      const session = { connection, management, jetstream: connection.jetstream(), lost: lost.signal };
      this.#session = session;
      for (const arrived of [...this.#waiting]) arrived(session);
      this.#options.onSession(session);
      const error = await connection.closed();
      if (!this.#closing.signal.aborted)
        this.#lose(natsError(`lost NATS at ${this.#options.servers}`, error ?? 'closed').message);
    } finally {
      this.#session = undefined;
      lost.abort();
      await connection.close();
    }
  }

  #lose(problem: string): void {
    this.#problem = problem;
    this.#options.onProblem(problem);
  }
}
