// Publishes a version of a model. Digests come first, then the manifest, and the router answers which files it wants, so what
// it has already never travels again. An attempt that fails is repeated with the version that the router had chosen in
// it: what it has published it then recognises, and what it has stored it does not want.
import { WeftError } from '@weft/errors';
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
import type { Signature } from '@weft/rpc/messages/weft/models/v1/Signature';
import type { Outcome__Output } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { CallOptions } from '../call-options.ts';
import type { RouterCalls } from '../router-calls.ts';
import { digestFile, type FileDigest } from './local-files.ts';
import { attemptPush, type PushState } from './push-attempt.ts';

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

export interface PushOptions extends Omit<CallOptions, 'model' | 'modelVersion'> {
  readonly onProgress?: ((progress: PushProgress) => void) | undefined;
}

export interface PushResult {
  readonly version: string;
  readonly revision: number;
  /** How many bytes were sent: of files that the router had not got. */
  readonly uploadedBytes: number;
  readonly outcome: Outcome__Output;
}

const defaultPushTimeoutMs = 30 * 60_000;

export async function push(calls: RouterCalls, request: PushRequest, options: PushOptions): Promise<PushResult> {
  const deadline = new Date(calls.deadlineOf(options, defaultPushTimeoutMs));
  const files = await withDigests(request.files, options);
  const state: PushState = { version: request.version ?? '', uploadedBytes: 0, revision: undefined };
  const { onProgress = () => {}, signal, metadata } = options;
  try {
    const outcome = await calls.attempt({ deadline, signal, metadata }, (attempt) =>
      attemptPush({ ...attempt, request, files, state, onProgress }),
    );
    return { version: state.version, revision: state.revision ?? 0, uploadedBytes: state.uploadedBytes, outcome };
  } catch (thrown) {
    throw state.revision === undefined ? thrown : publishedAllTheSame(thrown, state.version);
  }
}

/** A failure after the event is in the log is one of watching, not of publishing, and whoever reads it must know. */
function publishedAllTheSame(thrown: unknown, version: string): unknown {
  if (!(thrown instanceof WeftError)) return thrown;
  const message = `version ${version} is published, but not how far the replicas are with it: ${thrown.message}`;
  return new WeftError(thrown.code, message, { cause: thrown });
}

async function withDigests(
  files: readonly PushFile[],
  { signal, onProgress }: PushOptions,
): Promise<(PushFile & FileDigest)[]> {
  const digested: (PushFile & FileDigest)[] = [];
  let bytes = 0;
  const onBytes = (read: number) => onProgress?.({ stage: 'digest', bytes: (bytes += read) });
  for (const file of files) {
    const { sha256, size } = file;
    const digest =
      'source' in file || (sha256 !== undefined && size !== undefined)
        ? ({ sha256, size } as FileDigest)
        : await digestFile(file.file, { signal, onBytes });
    digested.push({ ...file, ...digest });
  }
  return digested;
}
