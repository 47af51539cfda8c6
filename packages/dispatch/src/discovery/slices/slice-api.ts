// EndpointSlices as discovery asks for them: Kubernetes' list and watch, narrowed to the fields that name a replica. The fields
// are spelled as Kubernetes spells them (discovery.k8s.io/v1).
import type { SliceSource } from '@weft/config';

export interface EndpointSlice {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints?: readonly SliceEndpoint[] | null;
  readonly ports?: readonly { readonly name?: string | null; readonly port?: number | null }[] | null;
}

export interface SliceEndpoint {
  /** Interchangeable: the first one is used. */
  readonly addresses: readonly string[];
  /** What is not said is true of `ready` and `serving`, false of `terminating`. */
  readonly conditions?: {
    readonly ready?: boolean | null;
    readonly serving?: boolean | null;
    readonly terminating?: boolean | null;
  };
  readonly targetRef?: { readonly uid?: string };
}

export interface SliceList {
  readonly slices: readonly EndpointSlice[];
  readonly resourceVersion: string;
}

/** BOOKMARK tells a newer version and nothing else. */
export interface SliceEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly slice: EndpointSlice;
}

export type WatchEnd =
  /** It was open, and is over: by the server, or with the connection. */
  | { readonly kind: 'ended' }
  /** The version is too old to go on from: list again. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface SliceWatchCall {
  /** Events after this version are told. */
  readonly resourceVersion: string;
  /** The server ends it after about that time. */
  readonly timeoutMs: number;
  readonly onOpen: () => void;
  readonly onEvent: (event: SliceEvent) => void;
  /** Ends it at once, as `ended`. */
  readonly signal: AbortSignal;
}

export interface SliceApi {
  /** Rejects with an error for people. */
  list(source: SliceSource, signal: AbortSignal): Promise<SliceList>;
  /** Never rejects. */
  watch(source: SliceSource, call: SliceWatchCall): Promise<WatchEnd>;
}
