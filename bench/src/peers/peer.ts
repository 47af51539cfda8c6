// A server to be measured: what it is, how it is configured, how it starts.
import type { ScratchFolder } from '../scratch-folder.ts';
import type { Target } from './target.ts';

export interface Peer {
  readonly name: string;
  /** Installs what is missing; throws ForeignMissing. Once for a run of the bench. */
  prepare(progress: (line: string) => void): Promise<PreparedPeer>;
}

export interface PreparedPeer {
  /** Versions of what counts, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Ways to configure it, at least one: the bench tries them and measures the best. */
  readonly variants: readonly PeerVariant[];
}

export interface PeerVariant {
  /** What is set; empty for a peer with one variant. */
  readonly setting: string;
  /** Starts a fresh one; it need not serve yet. */
  start(context: PeerContext): Promise<RunningPeer>;
}

export interface PeerContext {
  readonly folder: ScratchFolder;
  /** In the folder's model repository. */
  readonly modelFile: string;
  /** Threads of one run of the model. */
  readonly threads: number;
  readonly rows: readonly Float32Array[];
  readonly firstValues: readonly number[];
  readonly profileDirectory?: string | undefined;
}

export interface RunningPeer {
  readonly target: Target;
  /** Why it ended by itself; undefined while it runs. */
  readonly ended: () => string | undefined;
  /** Ends all of its processes. */
  readonly stop: () => Promise<void>;
}
