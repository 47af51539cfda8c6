// Publishes a version of a model. Digests come first, then the manifest, and the router answers which files it wants, so what
// it has already never travels again. An attempt that fails is repeated with the version that the router had chosen in
// it: what it has published it then recognises, and what it has stored it does not want.
import { WeftError } from '@weft/errors';
import type { Outcome__Output } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { CallOptions } from '../call-options.ts';
import type { RouterCalls } from '../router-calls.ts';
import { digestFile, type FileDigest } from './local-files.ts';
import { attemptPush, type PushState } from './push-attempt.ts';
import type { PushFile, PushProgress, PushRequest } from './push-request.ts';

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
