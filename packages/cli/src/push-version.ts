// One push from the files on disk to the last replica, with a line of progress, and with words for where it was stopped.
import {
  digestFile,
  type FileDigest,
  type LocalFile,
  type Outcome,
  type PushProgress,
  type PushResult,
} from '@weft/client';
import { WeftError } from '@weft/errors';
import { formatSize } from './format/format-number.ts';
import { countSettled, formatOutcome } from './format/format-outcome.ts';
import { formatShare } from './format/format-rollout.ts';
import type { LocalVersion } from './input/model-folder.ts';
import { type SigningKey, signatureOf, signedService } from './input/sign-version.ts';
import type { Result } from './report.ts';
import type { Asking } from './router-client.ts';

/** The options of the command. */
export interface PushFlags {
  readonly name: string;
  readonly version?: string;
  readonly service?: string;
  readonly canary?: number;
  readonly shadow?: number;
  readonly sign?: string;
}

export interface VersionToPush {
  readonly local: LocalVersion;
  readonly flags: PushFlags;
  readonly key: SigningKey | undefined;
  readonly signal: AbortSignal;
}

export async function pushVersion(
  { client, timeoutMs, progress }: Asking,
  { local, flags, key, signal }: VersionToPush,
): Promise<{ result: Result; outcome: Outcome }> {
  let last: PushProgress = { stage: 'digest', bytes: 0 };
  const totalBytes = local.files.reduce((sum, { size }) => sum + size, 0);
  const onProgress = (now: PushProgress) => {
    last = now;
    progress.update(describeProgress(now, totalBytes));
  };
  const { name, version, config } = local;
  try {
    const files = await digested(local, { signal, onProgress });
    const signed =
      key === undefined
        ? { service: local.service }
        : { service: signedService(local), signatures: [signatureOf(local, files, key)] };
    const shares = { canaryShare: flags.canary, shadowShare: flags.shadow };
    const request = { name, version, config, files, ...signed, ...shares };
    const pushed = await client.admin.push(request, { timeoutMs, signal, onProgress });
    return { result: resultOf(local, flags, pushed), outcome: pushed.outcome };
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw new WeftError('CANCELLED', `stopped: ${describeStop(last, name)}`, { cause: thrown });
  }
}

async function digested(
  { files }: LocalVersion,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: PushProgress) => void },
): Promise<(LocalFile & FileDigest)[]> {
  let bytes = 0;
  const onBytes = (read: number) => onProgress({ stage: 'digest', bytes: (bytes += read) });
  const found: (LocalFile & FileDigest)[] = [];
  for (const { path, file } of files) found.push({ path, file, ...(await digestFile(file, { signal, onBytes })) });
  return found;
}

function describeProgress(progress: PushProgress, localBytes: number): string {
  switch (progress.stage) {
    case 'digest':
      return `reading ${formatPart(progress.bytes, localBytes)}`;
    case 'upload':
      return progress.totalBytes === 0
        ? 'the router has all files'
        : `uploading ${formatPart(progress.bytes, progress.totalBytes)}`;
    case 'published':
      return `published version ${progress.version}`;
    case 'replicas':
      return `version ${progress.version}: ${countSettled(progress.outcome)}`;
  }
}

function formatPart(bytes: number, totalBytes: number): string {
  return `${formatSize(bytes)} of ${formatSize(totalBytes)}, ${Math.floor((100 * bytes) / totalBytes)}%`;
}

/** What a push that was stopped leaves behind. */
function describeStop(last: PushProgress, name: string): string {
  switch (last.stage) {
    case 'digest':
      return 'nothing is published';
    case 'upload':
      return last.bytes < last.totalBytes
        ? 'nothing is published'
        : `the router had all files; weft models tells whether it has published ${name} ${last.version}`;
    case 'published':
    case 'replicas':
      return `${name} ${last.version} is published, and the replicas go on by themselves; weft models --watch shows them`;
  }
}

function resultOf({ name, files }: LocalVersion, flags: PushFlags, pushed: PushResult): Result {
  const { version, revision, uploadedBytes, outcome } = pushed;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const role = roleOf(flags);
  const head = `${name} ${version}: published${role} (revision ${revision})`;
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  const size = `${count}, ${formatSize(bytes)}, of which ${uploadedBytes === 0 ? 'nothing' : formatSize(uploadedBytes)} was new to the router`;
  const { settled, replicas } = outcome;
  return {
    json: { name, version, revision, files: files.length, bytes, uploadedBytes, settled, replicas },
    text: `${head}\n${size}\n\n${formatOutcome(outcome)}`,
  };
}

function roleOf({ canary, shadow }: PushFlags): string {
  if (canary !== undefined) return ` as the canary, with ${formatShare(canary)} of the requests`;
  return shadow === undefined ? '' : ` as the shadow, with a copy of ${formatShare(shadow)} of the requests`;
}
