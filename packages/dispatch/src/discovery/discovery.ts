// Keeps the replicas in step with what `--endpoints` names: one for each address, however many names it has. A replica whose
// record is gone stays as long as it is connected; one that is about to end is given nothing new.
import type { EndpointSource, NamedSource } from '@weft/config';
import type { Clock } from '@weft/flow';
import type { Log } from '@weft/telemetry';
import { planReplicas } from './discovery-plan.ts';
import type { Resolution } from './resolve-endpoints.ts';
import type { SliceApi } from './slices/slice-api.ts';
import { SliceWatch } from './slices/slice-watch.ts';
import { SourceWatch } from './source-watch.ts';
import type { WatchedSource } from './watched-source.ts';

/** A replica as discovery knows it: a RemoteReplica. */
export interface FollowedReplica {
  readonly connected: boolean;
  /** Whether it is about to end: what it works on it finishes, and nothing new is begun there. */
  leaving: boolean;
  start(): void;
  /** Closes what is open, for good. */
  stop(): void;
}

export interface FoundReplica {
  /** host:port */
  readonly endpoint: string;
  /** Whom its certificate names, where that is not the host of the endpoint. */
  readonly serverName: string | undefined;
  /** The first state has come, or the first attempt has failed. May be called again. */
  readonly onFirstContact: () => void;
  /** It was connected and is not any more. */
  readonly onLost: () => void;
}

export interface DiscoveryOptions {
  readonly sources: readonly EndpointSource[];
  /** Never rejects. */
  readonly resolve: (source: NamedSource, previous: Resolution | undefined) => Promise<Resolution>;
  readonly intervalMs: number;
  readonly slices: SliceApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly createReplica: (found: FoundReplica) => FollowedReplica;
}

interface Followed {
  readonly replica: FollowedReplica;
  readonly contacted: Promise<void>;
  readonly onContact: () => void;
}

export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #sources: readonly { readonly source: EndpointSource; readonly watch: WatchedSource | undefined }[];
  readonly #replicas = new Map<string, Followed>();
  #stopped = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#sources = options.sources.map((source) => ({ source, watch: this.#watched(source) }));
  }

  /** Of those that are followed, how many are connected and how many are not. */
  get counts(): { readonly connected: number; readonly absent: number } {
    const followed = [...this.#replicas.values()];
    const connected = followed.filter(({ replica }) => replica.connected).length;
    return { connected, absent: followed.length - connected };
  }

  /** Resolves once each source was resolved, or could not be, and each replica found then was reached, or could not be. */
  async start(): Promise<void> {
    this.#reconcile();
    await Promise.all(this.#sources.map(async ({ watch }) => watch?.start()));
    await Promise.all([...this.#replicas.values()].map(({ contacted }) => contacted));
  }

  stop(): void {
    this.#stopped = true;
    for (const { watch } of this.#sources) watch?.stop();
    for (const endpoint of [...this.#replicas.keys()]) this.#drop(endpoint);
  }

  #watched(source: EndpointSource): WatchedSource | undefined {
    if (source.kind === 'static') return undefined;
    const onResolved = (): void => this.#reconcile();
    if (source.kind !== 'k8s') return new SourceWatch({ ...this.#options, source, onResolved });
    return new SliceWatch({ ...this.#options, source, api: this.#options.slices, onResolved });
  }

  #reconcile(): void {
    if (this.#stopped) return;
    const recorded = this.#recorded();
    const { start, stop } = planReplicas(new Set(recorded.keys()), this.#connections());
    for (const endpoint of stop) {
      this.#options.log.info('replica.dropped', { endpoint });
      this.#drop(endpoint);
    }
    for (const endpoint of start) this.#follow(endpoint, recorded.get(endpoint));
    const leaving = new Set(this.#sources.flatMap(({ watch }) => this.#leaving(watch)));
    // Who leaves does so though its record vanishes too, and stays where another source names it.
    for (const [endpoint, { replica }] of this.#replicas)
      replica.leaving = !recorded.has(endpoint) && (replica.leaving || leaving.has(endpoint));
  }

  /** Nobody leaves before this router itself has somebody to send the work to. */
  #leaving(watch: WatchedSource | undefined): readonly string[] {
    const successor = watch?.endpoints.some((endpoint) => this.#replicas.get(endpoint)?.replica.connected === true);
    return successor === true && watch !== undefined ? watch.leaving : [];
  }

  /** What is named now, each with whom its certificate names. */
  #recorded(): ReadonlyMap<string, string | undefined> {
    return new Map(
      this.#sources.flatMap(({ source, watch }) => {
        const endpoints = source.kind === 'static' ? [source.endpoint] : (watch?.endpoints ?? []);
        return endpoints.map((endpoint) => [endpoint, certificateName(source)] as const);
      }),
    );
  }

  #connections(): ReadonlyMap<string, { readonly connected: boolean }> {
    return new Map([...this.#replicas].map(([endpoint, { replica }]) => [endpoint, replica]));
  }

  #follow(endpoint: string, serverName: string | undefined): void {
    let onContact: () => void = () => {};
    const contacted = new Promise<void>((resolve) => (onContact = resolve));
    const replica = this.#options.createReplica({
      endpoint,
      serverName,
      onFirstContact: onContact,
      onLost: () => this.#lost(endpoint),
    });
    this.#replicas.set(endpoint, { replica, contacted, onContact });
    replica.start();
  }

  #lost(endpoint: string): void {
    for (const { watch } of this.#sources) if (watch?.endpoints.includes(endpoint) === true) watch.hurry();
    this.#reconcile();
  }

  #drop(endpoint: string): void {
    const followed = this.#replicas.get(endpoint);
    this.#replicas.delete(endpoint);
    followed?.replica.stop();
    followed?.onContact();
  }
}

/**
 * A certificate is checked against the name that was written, as gRPC does it: not against an address, and not against the
 * target of an SRV record, which is only as trustworthy as the DNS.
 */
function certificateName(source: EndpointSource): string | undefined {
  if (source.kind === 'static') return undefined;
  const name = source.kind !== 'srv' ? source.host : source.name.replace(/^_[^.]+\._[^.]+\./, '');
  return name.replace(/\.$/, '');
}
