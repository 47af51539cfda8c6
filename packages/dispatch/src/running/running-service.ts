// What a composition root gets back from starting a service.
import type { Health } from '@weft/rpc';

export interface RunningService {
  readonly name: string;
  /** host:port */
  readonly grpcAddress: string;
  /** host:port of REST; absent where it is not offered. */
  readonly httpAddress?: string | undefined;
  /** URL of the Prometheus metrics. */
  readonly metricsAddress: string | undefined;
  /** The same answers as on its gRPC port. */
  readonly health: Pick<Health, 'register'>;
  /** Resolves when every configured model has become READY or failed. */
  readonly ready: Promise<ReadyReport>;
  /** Fails readiness, finishes what is in flight, ends. */
  stop(): Promise<void>;
}

export interface ReadyReport {
  readonly models: readonly ModelReport[];
  /** Default models that are not READY. */
  readonly failedDefaults: readonly string[];
}

export interface ModelReport {
  readonly name: string;
  readonly version: string;
  /** READY, UNAVAILABLE, … */
  readonly state: string;
  readonly reason: string;
  readonly placements: readonly { readonly provider: string; readonly fallbackReason: string }[];
}
