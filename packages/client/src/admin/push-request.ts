// What is pushed, and how far it is, as one writes and reads it.
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
import type { Signature } from '@weft/rpc/messages/weft/models/v1/Signature';
import type { Outcome__Output } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { FileDigest } from './local-files.ts';

export interface PushRequest {
  readonly name: string;
  /** A whole number above zero. Without one: one more than the highest that the router knows. */
  readonly version?: string | undefined;
  /** The service whose replicas serve it. Without one: what the configuration says, the present one of the model, or `custom`. */
  readonly service?: string | undefined;
  /** Triton's ModelConfig; what it leaves out is completed from the model file. */
  readonly config?: ModelConfig | undefined;
  readonly files: readonly PushFile[];
  readonly signatures?: readonly Signature[] | undefined;
  /** Above 0, below 1: the version becomes the canary with this share. */
  readonly canaryShare?: number | undefined;
  /** Up to 1: the version gets copies of this share of the requests, and its answers are compared and thrown away. Not with a canary's share. */
  readonly shadowShare?: number | undefined;
}

/** A file of the version, on this machine or where the replicas take it from. */
export type PushFile = LocalFile | RemoteFile;

export interface LocalFile extends Partial<FileDigest> {
  /** Below the version's folder, with slashes. */
  readonly path: string;
  /** Where it lies on this machine. Its digest is computed unless it is given. */
  readonly file: string;
}

export interface RemoteFile extends FileDigest {
  readonly path: string;
  /** `https:`, `hf:`, `npm:` or `file:`, as the replicas' settings allow. */
  readonly source: string;
}

export type PushProgress =
  /** The files are read for their digests. */
  | { readonly stage: 'digest'; readonly bytes: number }
  /** The router has stored so many bytes of those it wanted. */
  | { readonly stage: 'upload'; readonly version: string; readonly bytes: number; readonly totalBytes: number }
  /** It is in the event log: from here on the replicas act, whether anyone waits for them or not. */
  | { readonly stage: 'published'; readonly version: string; readonly revision: number }
  | { readonly stage: 'replicas'; readonly version: string; readonly outcome: Outcome__Output };
