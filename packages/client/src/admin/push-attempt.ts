// One attempt at a push: a stream both ways. Pieces are written as fast as the connection takes them while the answers are
// read, and both end together, whichever of them fails.
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { WeftError } from '@weft/errors';
import { rpcMethod } from '@weft/rpc';
import type { Outcome__Output } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { PushResponse__Output } from '@weft/rpc/messages/weft/router/v1/PushResponse';
import { toCallError } from '../attempt-call.ts';
import type { Attempt } from '../router-calls.ts';
import { cancelled } from '../with-retries.ts';
import { adminPath } from './admin-path.ts';
import type { FileDigest } from './local-files.ts';
import type { PushFile, PushProgress, PushRequest } from './push-request.ts';
import { sendFiles } from './send-files.ts';

/** What is known of a push, over all its attempts. */
export interface PushState {
  version: string;
  uploadedBytes: number;
  /** Of the event; undefined until it is in the log. */
  revision: number | undefined;
}

export interface PushAttempt extends Attempt {
  readonly request: PushRequest;
  readonly files: readonly (PushFile & FileDigest)[];
  readonly state: PushState;
  readonly onProgress: (progress: PushProgress) => void;
}

type PushCall = ClientDuplexStream<object, PushResponse__Output>;

/** The last outcome that the router told. Rejects with a WeftError. */
export async function attemptPush(attempt: PushAttempt): Promise<Outcome__Output> {
  const { client, signal, timeoutMs } = attempt;
  if (signal.aborted) throw cancelled(signal);
  if (timeoutMs <= 0) throw new WeftError('DEADLINE_EXCEEDED', 'the deadline had passed before the call was sent');
  const call = openPush(attempt);
  const ended = new AbortController();
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  let localFailure: WeftError | undefined;
  try {
    return await readAnswers(call, attempt, (wanted) => {
      sendFiles(call, wanted, ended.signal).catch((thrown: unknown) => {
        // The call's own failure is told by its answers.
        if (!(thrown instanceof WeftError) || ended.signal.aborted) return;
        localFailure = thrown;
        call.cancel();
      });
    });
  } catch (thrown) {
    if (signal.aborted) throw cancelled(signal);
    if (localFailure !== undefined) throw localFailure;
    throw thrown instanceof WeftError ? thrown : toCallError(thrown as ServiceError, client);
  } finally {
    ended.abort();
    signal.removeEventListener('abort', cancel);
    call.cancel();
  }
}

function openPush({ client, metadata, timeoutMs, request, files, state }: PushAttempt): PushCall {
  const method = rpcMethod(adminPath('Push'));
  const encode = (message: object) => method.encodeRequest(message);
  const decode = (bytes: Buffer) => method.decodeResponse(bytes) as PushResponse__Output;
  const deadline = Date.now() + timeoutMs;
  const call: PushCall = client.makeBidiStreamRequest(method.path, encode, decode, metadata.clone(), { deadline });
  // The reader hears of errors; one that comes after it has left is nobody's.
  call.on('error', () => {});
  const { name, service, config, signatures, canaryShare, shadowShare } = request;
  const manifest = { name, service, config, signatures, canaryShare, shadowShare, version: state.version, files };
  call.write({ manifest });
  return call;
}

async function readAnswers(
  call: PushCall,
  { files, state, onProgress }: PushAttempt,
  onWanted: (files: readonly (PushFile & FileDigest)[]) => void,
): Promise<Outcome__Output> {
  let totalBytes = 0;
  let stored = 0;
  let outcome: Outcome__Output | undefined;
  for await (const { wanted, storedBytes, published, outcome: told } of call as AsyncIterable<PushResponse__Output>) {
    if (wanted) {
      const wantedFiles = wanted.files.map((index) => files[index] as PushFile & FileDigest);
      state.version = wanted.version;
      totalBytes = wantedFiles.reduce((sum, { size }) => sum + size, 0);
      onProgress({ stage: 'upload', version: state.version, bytes: 0, totalBytes });
      onWanted(wantedFiles);
    } else if (published) {
      Object.assign(state, { version: published.version, revision: published.revision });
      onProgress({ stage: 'published', version: published.version, revision: published.revision });
    } else if (told) {
      outcome = told;
      onProgress({ stage: 'replicas', version: state.version, outcome });
    } else if (storedBytes !== undefined) {
      state.uploadedBytes += storedBytes - stored;
      stored = storedBytes;
      onProgress({ stage: 'upload', version: state.version, bytes: stored, totalBytes });
    }
  }
  if (state.revision === undefined) throw new WeftError('DATA_LOSS', 'the router ended the push without an answer');
  return outcome ?? { revision: state.revision, settled: false, replicas: [] };
}
