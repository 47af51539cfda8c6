// All models of one service, as routers see them: tells watchers what they are, and joins attach streams to the versions of
// their model, which come and go while the streams live (lifecycle/model-lifecycle.ts). It does not know whether a stream
// comes over the network.
import { randomUUID } from 'node:crypto';
import type { Link, LinkHandlers, ModelReport, Pipe, PipeEnd, PipeListener, PipeStart } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { decodeRouterMessage, encodeDrain, MalformedMessage, Reassembler, readBatchHeader } from '@weft/rpc';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { Log } from '@weft/telemetry';
import type { ModelLifecycle } from '../lifecycle/model-lifecycle.ts';
import type { ServingEvents } from '../lifecycle/served-model.ts';
import { undeliveredResult } from './instance-host.ts';
import type { ModelVersion } from './model-version.ts';
import type { Session } from './model-version-options.ts';

export interface ExecutorOptions {
  readonly service: string;
  /** Typed methods → default model. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Makes what decides which versions there are. */
  readonly lifecycle: (events: ServingEvents) => ModelLifecycle;
  readonly maxMessageBytes: number;
  readonly log: Log;
}

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #lifecycle: ModelLifecycle;
  readonly #replicaId = randomUUID();
  readonly #watchers = new Set<(state: ReplicaState) => void>();
  readonly #links = new Set<Link>();
  /** Streams that have said which model they are for. */
  readonly #sessions = new Map<Session, string>();
  /** That take batches, or finish those they have; of one number the one that came last counts. */
  readonly #versions = new Set<ModelVersion>();
  readonly #ended = new AbortController();
  #draining = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#lifecycle = options.lifecycle({
      onServe: (version) => this.#serve(version),
      onRetired: (version) => this.#retire(version),
      onChange: () => this.changed(),
    });
  }

  /** Loads every model, a few at a time. Resolves when each is READY or has failed; others may come later. */
  async load(): Promise<void> {
    await this.#lifecycle.start();
    this.changed();
  }

  /** Default models that are not READY, though no event says so. */
  failedDefaults(): string[] {
    const names = new Set(Object.values(this.#options.defaults));
    return [...names].filter((name) => this.#lifecycle.failing(name));
  }

  /** Every model of the start has once become READY or failed, every default model serves, and nothing drains. */
  get ready(): boolean {
    return this.#lifecycle.loaded && !this.#draining && this.failedDefaults().length === 0;
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
    const { service, defaults } = this.#options;
    return {
      replicaId: this.#replicaId,
      service,
      methods: Object.entries(defaults).map(([path, defaultModel]) => ({ path, defaultModel })),
      models: this.#lifecycle.describe(),
      ready: this.ready,
      draining: this.#draining,
      applied: this.#lifecycle.applied(),
      eventLogProblem: this.#lifecycle.eventLogProblem,
    };
  }

  /** Hears the state now and after each change, until the returned function is called. */
  watch(onState: (state: ReplicaState) => void): () => void {
    this.#watchers.add(onState);
    onState(this.state());
    return () => this.#watchers.delete(onState);
  }

  /** Of a client's message. */
  get maxMessageBytes(): number {
    return this.#options.maxMessageBytes;
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
    const session: Session = { send: (message) => link.send(message) };
    const reassembler = new Reassembler();
    const receive = (bytes: Buffer): void => {
      const message = decodeRouterMessage(bytes);
      if (message.kind === 'open') {
        this.#detach(session);
        this.#sessions.set(session, message.model);
        for (const version of this.#versionsFor(session)) version.attach(session);
      } else if (message.kind === 'batch') this.#route(session, message.body);
      else if (message.kind === 'demand') this.#version(session, message.version)?.demand(session, message);
      else if (message.kind === 'cancel')
        for (const version of this.#versionsFor(session)) version.cancel(session, message.batchId, message.items);
      else if (message.kind === 'fragment') {
        const whole = reassembler.add(message.piece, message.last);
        if (whole !== undefined) receive(whole);
      }
    };
    const close = (): void => {
      this.#links.delete(link);
      this.#detach(session);
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

  /** One stream with a version of a model that serves here. */
  pipe(start: PipeStart, listener: PipeListener): Pipe {
    const { model, version } = start;
    const serving = [...this.#versions].findLast((one) => one.name === model && one.version === version);
    if (serving !== undefined && !this.#draining) return serving.stream(start, listener);
    const error = new WeftError('UNAVAILABLE', `model '${model}' version ${version} is not served here any more`);
    return refusedPipe({ error, move: 'unbegun' }, listener);
  }

  /** Takes no new work; resolves when what was accepted is answered and the models are freed, or the time is up (false). */
  async drain(timeoutMs: number): Promise<boolean> {
    this.#draining = true;
    for (const link of this.#links) link.send(encodeDrain('the service is stopping'));
    this.changed();
    const finished = await within(timeoutMs, this.#lifecycle.stop());
    for (const link of this.#links) link.close();
    this.#links.clear();
    this.#ended.abort();
    return finished;
  }

  #serve(version: ModelVersion): void {
    this.#versions.add(version);
    for (const [session, model] of this.#sessions) if (model === version.name) version.attach(session);
  }

  #retire(version: ModelVersion): void {
    this.#versions.delete(version);
    for (const [session, model] of this.#sessions) if (model === version.name) version.detach(session);
  }

  #detach(session: Session): void {
    for (const version of this.#versionsFor(session)) version.detach(session);
    this.#sessions.delete(session);
  }

  #versionsFor(session: Session): ModelVersion[] {
    const model = this.#sessions.get(session);
    return model === undefined ? [] : [...this.#versions].filter(({ name }) => name === model);
  }

  #version(session: Session, number: string): ModelVersion | undefined {
    return this.#versionsFor(session).findLast(({ version }) => version === number);
  }

  #route(session: Session, body: Buffer): void {
    const wanted = readBatchHeader(body);
    const version = this.#version(session, wanted.version);
    if (version === undefined) session.send(undeliveredResult(wanted.id));
    else version.accept(session, wanted, body);
  }
}

function refusedPipe(end: PipeEnd, listener: PipeListener): Pipe {
  let over = false;
  queueMicrotask(() => {
    if (!over) listener.onEnd(end);
  });
  return {
    send: () => false,
    halfClose() {},
    read() {},
    cancel() {
      over = true;
    },
  };
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  return Promise.race([work.then(() => true), timeout]).finally(() => clearTimeout(timer));
}
