// All models of one service: loads them at the start, tells watchers what they are, and joins attach streams to the
// versions of their model. It does not know whether a stream comes over the network.
import { randomUUID } from 'node:crypto';
import type { Link, LinkHandlers } from '@weft/dispatch';
import type { RepositoryModel } from '@weft/models';
import {
  decodeRouterMessage,
  encodeDrain,
  fragmentsOf,
  MalformedMessage,
  Reassembler,
  readBatchHeader,
} from '@weft/rpc';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { Log } from '@weft/telemetry';
import type { ModelReport } from '@weft/dispatch';
import { undeliveredResult } from './instance-host.ts';
import type { ModelVersion, Session } from './model-version.ts';

export interface ExecutorOptions {
  readonly service: string;
  /** Typed methods → default model. */
  readonly defaults: Readonly<Record<string, string>>;
  /** What cannot even be tried, with the reason. */
  readonly broken: readonly RepositoryModel[];
  readonly versions: readonly ModelVersion[];
  readonly loadConcurrency: number;
  readonly maxMessageBytes: number;
  readonly log: Log;
}

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #replicaId = randomUUID();
  readonly #watchers = new Set<(state: ReplicaState) => void>();
  readonly #links = new Set<Link>();
  readonly #ended = new AbortController();
  #loadedOnce = false;
  #draining = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Loads every model, a few at a time. Resolves when each is READY or has failed. */
  async load(): Promise<void> {
    const waiting = [...this.#options.versions];
    const loadNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next.load();
    };
    await Promise.all(Array.from({ length: this.#options.loadConcurrency }, loadNext));
    this.#loadedOnce = true;
    this.changed();
  }

  /** Default models that are not READY. */
  failedDefaults(): string[] {
    const names = new Set(Object.values(this.#options.defaults));
    return [...names].filter(
      (name) =>
        !this.#options.versions.some((version) => version.name === name && version.state === 'MODEL_STATE_READY'),
    );
  }

  /** Every configured model has once become READY or failed, every default model is READY, and nothing drains. */
  get ready(): boolean {
    return this.#loadedOnce && !this.#draining && this.failedDefaults().length === 0;
  }

  /** How every model fares, for people. */
  report(): ModelReport[] {
    const models = this.state().models ?? [];
    return models.map(({ name = '', version = '', state, reason = '', placements = [] }) => ({
      name,
      version,
      state: String(state).replace('MODEL_STATE_', ''),
      reason,
      placements: placements.map(({ provider = '', fallbackReason = '' }) => ({ provider, fallbackReason })),
    }));
  }

  state(): ReplicaState {
    const { service, defaults, versions, broken } = this.#options;
    return {
      replicaId: this.#replicaId,
      service,
      methods: Object.entries(defaults).map(([path, defaultModel]) => ({ path, defaultModel })),
      models: [
        ...versions.map((version) => version.describe()),
        ...broken.map(({ name, problem = '' }) => ({
          name,
          version: '',
          state: 'MODEL_STATE_UNAVAILABLE' as const,
          reason: problem,
        })),
      ],
      ready: this.ready,
      draining: this.#draining,
    };
  }

  /** Hears the state now and after each change, until the returned function is called. */
  watch(onState: (state: ReplicaState) => void): () => void {
    this.#watchers.add(onState);
    onState(this.state());
    return () => this.#watchers.delete(onState);
  }

  /** Aborts when it has drained: nothing will change any more. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** To be called when a version changed. */
  changed(): void {
    if (this.#watchers.size === 0) return;
    const state = this.state();
    for (const onState of [...this.#watchers]) onState(state);
  }

  /** Accepts an attach stream; the first message says to which model. */
  accept(link: Link): LinkHandlers {
    let attached: readonly ModelVersion[] = [];
    const session: Session = { send: (message) => fragmentsOf(message).forEach((fragment) => link.send(fragment)) };
    const reassembler = new Reassembler(this.#options.maxMessageBytes * 2);
    const receive = (bytes: Buffer): void => {
      const message = decodeRouterMessage(bytes);
      if (message.kind === 'open') {
        attached = this.#options.versions.filter((version) => version.name === message.model);
        for (const version of attached) version.attach(session);
      } else if (message.kind === 'batch') this.#route(attached, session, message.body);
      else if (message.kind === 'cancel')
        for (const version of attached) version.cancel(session, message.batchId, message.items);
      else if (message.kind === 'fragment') {
        const whole = reassembler.add(message.piece, message.last);
        if (whole !== undefined) receive(whole);
      }
    };
    const close = (): void => {
      this.#links.delete(link);
      for (const version of attached) version.detach(session);
      attached = [];
    };
    this.#links.add(link);
    return {
      onMessage: (bytes) => {
        try {
          receive(bytes);
        } catch (thrown) {
          if (!(thrown instanceof MalformedMessage || thrown instanceof RangeError)) throw thrown;
          this.#options.log.warn('attach.malformed', { reason: thrown.message });
          close();
          link.close();
        }
      },
      onClosed: close,
    };
  }

  /** Takes no new work; resolves when what was accepted is answered and the models are freed, or the time is up (false). */
  async drain(timeoutMs: number): Promise<boolean> {
    this.#draining = true;
    for (const link of this.#links) link.send(encodeDrain('the service is stopping'));
    this.changed();
    const finished = await within(timeoutMs, Promise.all(this.#options.versions.map((version) => version.unload())));
    for (const link of this.#links) link.close();
    this.#links.clear();
    this.#ended.abort();
    return finished;
  }

  #route(attached: readonly ModelVersion[], session: Session, body: Buffer): void {
    const wanted = readBatchHeader(body);
    const version = attached.find((candidate) => candidate.version === wanted.version);
    if (version === undefined) session.send(undeliveredResult(wanted.id));
    else version.accept(session, wanted, body);
  }
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  return Promise.race([work.then(() => true), timeout]).finally(() => clearTimeout(timer));
}
