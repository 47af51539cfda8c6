// Keeps one Service's EndpointSlices known: lists them, then watches them from the version of that list, as Kubernetes' own
// clients do. A watch that ends is opened again where it stopped; one whose version the server has forgotten begins with a
// list. While the API cannot be read, what was known stays, as with a DNS server in trouble.
import { once } from 'node:events';
import type { SliceSource } from '@weft/config';
import type { Clock } from '@weft/flow';
import type { Log } from '@weft/telemetry';
import { tellResolution } from '../tell-resolution.ts';
import type { WatchedSource } from '../watched-source.ts';
import type { EndpointSlice, SliceApi, SliceEvent } from './slice-api.ts';
import { type SliceEndpoints, sliceEndpoints } from './slice-endpoints.ts';

export interface SliceWatchOptions {
  readonly source: SliceSource;
  readonly api: SliceApi;
  readonly clock: Clock;
  readonly log: Log;
  /** After every change. */
  readonly onResolved: () => void;
}

/** From the begin of one call to that of the next at least, and from a failure on; more after each. */
const leastDelayMs = 1_000;
const mostDelayMs = 15_000;
const listTimeoutMs = 10_000;
/** A connection that died without a word hides changes for as long as this and the grace. */
const watchTimeoutMs = 30_000;
const graceMs = 5_000;

export class SliceWatch implements WatchedSource {
  readonly #options: SliceWatchOptions;
  readonly #slices = new Map<string, EndpointSlice>();
  readonly #stopping = new AbortController();
  #known: SliceEndpoints = { endpoints: [], leaving: [] };
  #failure: string | undefined;
  /** Trouble is over when a watch opens: lists alone may go well. */
  #watchRefused = false;
  /** Undefined: list first. */
  #resourceVersion: string | undefined;
  #delayMs = leastDelayMs;
  #delayedFromMs = 0;

  constructor(options: SliceWatchOptions) {
    this.#options = options;
  }

  get endpoints(): readonly string[] {
    return this.#known.endpoints;
  }

  get leaving(): readonly string[] {
    return this.#known.leaving;
  }

  async start(): Promise<void> {
    const first = this.#list();
    void this.#follow(first);
    await first;
  }

  /** The watch tells by itself. */
  hurry(): void {}

  stop(): void {
    this.#stopping.abort();
  }

  async #follow(first: Promise<void>): Promise<void> {
    const { clock } = this.#options;
    await first;
    while (!this.#stopping.signal.aborted) {
      if (this.#resourceVersion !== undefined) await this.#watch(this.#resourceVersion);
      await this.#pause(this.#delayedFromMs + this.#delayMs - clock.now());
      if (this.#resourceVersion === undefined && !this.#stopping.signal.aborted) await this.#list();
    }
  }

  async #list(): Promise<void> {
    const { api, source } = this.#options;
    const within = this.#limit(listTimeoutMs);
    this.#delayedFromMs = this.#options.clock.now();
    try {
      const { slices, resourceVersion } = await api.list(source, within.signal);
      this.#slices.clear();
      for (const slice of slices) this.#slices.set(slice.metadata.name, slice);
      this.#resourceVersion = resourceVersion;
      this.#tell(this.#watchRefused ? this.#failure : this.#absence());
    } catch (thrown) {
      const { message } = thrown as Error;
      this.#failed(within.signal.aborted ? `no answer within ${listTimeoutMs / 1_000} s` : message);
    } finally {
      within.release();
    }
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { api, source, clock } = this.#options;
    this.#delayedFromMs = clock.now();
    const within = this.#limit(watchTimeoutMs + graceMs);
    const onOpen = (): void => this.#opened();
    const onEvent = (event: SliceEvent): void => this.#take(event);
    const { signal } = within;
    const end = await api.watch(source, { resourceVersion, timeoutMs: watchTimeoutMs, onOpen, onEvent, signal });
    within.release();
    if (end.kind !== 'ended') this.#resourceVersion = undefined;
    if (end.kind !== 'refused') {
      this.#delayMs = leastDelayMs;
      return;
    }
    this.#watchRefused = true;
    this.#failed(end.reason);
  }

  #opened(): void {
    if (!this.#watchRefused) return;
    this.#watchRefused = false;
    this.#tell(this.#absence());
  }

  #take({ type, slice }: SliceEvent): void {
    if (this.#stopping.signal.aborted) return;
    const { name, resourceVersion } = slice.metadata;
    this.#resourceVersion = resourceVersion ?? this.#resourceVersion;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#slices.delete(name);
    else this.#slices.set(name, slice);
    this.#tell(undefined);
  }

  /** A Service with pods to select has a slice, if an empty one. */
  #absence(): string | undefined {
    return this.#slices.size === 0 ? `no EndpointSlice belongs to a Service ${this.#options.source.host}` : undefined;
  }

  #failed(failure: string): void {
    this.#delayMs = Math.min(this.#delayMs * 2, mostDelayMs);
    this.#delayedFromMs = this.#options.clock.now();
    this.#tell(failure);
  }

  #tell(failure: string | undefined): void {
    if (this.#stopping.signal.aborted) return;
    const { source, log, onResolved } = this.#options;
    const before = { endpoints: this.#known.endpoints, failure: this.#failure };
    this.#known = sliceEndpoints(source, this.#slices.values());
    this.#failure = failure;
    tellResolution(log, source, { before, after: { endpoints: this.#known.endpoints, failure } });
    onResolved();
  }

  /** Aborts when the time has passed, or discovery stops. */
  #limit(timeoutMs: number): { readonly signal: AbortSignal; release(): void } {
    const stopping = this.#stopping.signal;
    const over = new AbortController();
    const abort = (): void => over.abort();
    const cancelTimer = this.#options.clock.setTimer(timeoutMs, abort);
    stopping.addEventListener('abort', abort);
    return {
      signal: over.signal,
      release() {
        cancelTimer();
        stopping.removeEventListener('abort', abort);
      },
    };
  }

  async #pause(delayMs: number): Promise<void> {
    if (delayMs <= 0 || this.#stopping.signal.aborted) return;
    const within = this.#limit(delayMs);
    await once(within.signal, 'abort');
    within.release();
  }
}
