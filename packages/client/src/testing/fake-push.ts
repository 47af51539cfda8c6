// For tests: the router's side of a push. It wants what it has not got, takes pieces file by file, checks each digest, and
// publishes only what is whole.
import { createHash } from 'node:crypto';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ArtifactFile__Output } from '@weft/rpc/messages/weft/models/v1/ArtifactFile';
import type { Outcome } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { Manifest__Output } from '@weft/rpc/messages/weft/router/v1/Manifest';
import type { PushRequest__Output } from '@weft/rpc/messages/weft/router/v1/PushRequest';
import type { PushResponse } from '@weft/rpc/messages/weft/router/v1/PushResponse';
import { type FakeModel, fakeModel, newestVersion, rolloutOf } from './fake-models.ts';
import { Refusal } from './fake-router.ts';

export type PushStream = ServerDuplexStream<PushRequest__Output, PushResponse>;

/** What a push needs of its router. */
export interface PushReceiver {
  readonly models: Map<string, FakeModel>;
  readonly stored: Map<string, Buffer>;
  readonly requests: object[];
  onPiece(storedBytes: number): void | Promise<void>;
  onPublished(): void | Promise<void>;
  publish(model: FakeModel): void;
  outcome(settled: boolean): Outcome;
}

export async function receivePush(admin: PushReceiver, stream: PushStream): Promise<void> {
  const requests = stream[Symbol.asyncIterator]() as AsyncIterator<PushRequest__Output>;
  const first = (await requests.next()).value as PushRequest__Output | undefined;
  const manifest = first?.manifest;
  if (!manifest) throw new Refusal('INVALID_ARGUMENT', 'a push begins with its manifest');
  admin.requests.push(manifest);
  if (manifest.canaryShare > 0 && manifest.shadowShare > 0)
    throw new Refusal('INVALID_ARGUMENT', 'a version is the canary or the shadow, not both');
  const model = admin.models.get(manifest.name) ?? fakeModel(manifest.name, manifest.service || 'custom');
  const version = manifest.version || String(Number(newestVersion(model)) + 1);
  const wanted = manifest.files.filter(({ sha256, source }) => source === '' && !admin.stored.has(sha256));
  stream.write({ wanted: { files: wanted.map((file) => manifest.files.indexOf(file)), version } });
  let storedBytes = 0;
  for (const file of wanted) {
    const content = await receiveFile(requests, file, async (bytes) => {
      storedBytes += bytes;
      await admin.onPiece(storedBytes);
      stream.write({ storedBytes });
    });
    admin.stored.set(file.sha256, content);
  }
  const known = addVersion(model, version, manifest);
  admin.models.set(manifest.name, model);
  if (!known) admin.publish(model);
  stream.write({ published: { version, revision: model.revision } });
  await admin.onPublished();
  stream.write({ outcome: admin.outcome(false) });
  stream.write({ outcome: admin.outcome(true) });
}

async function receiveFile(
  requests: AsyncIterator<PushRequest__Output>,
  { path, sha256, size }: ArtifactFile__Output,
  onPiece: (bytes: number) => Promise<void>,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  while (bytes < size) {
    const piece = ((await requests.next()).value as PushRequest__Output | undefined)?.piece;
    if (piece === undefined) throw new Refusal('INVALID_ARGUMENT', `${path} ends after ${bytes} of ${size} bytes`);
    pieces.push(piece);
    bytes += piece.length;
    await onPiece(piece.length);
  }
  const content = Buffer.concat(pieces);
  if (bytes > size || createHash('sha256').update(content).digest('hex') !== sha256)
    throw new Refusal('DATA_LOSS', `${path} is not what its digest says`);
  return content;
}

/** Whether the version was there already, with the same content. */
function addVersion(model: FakeModel, version: string, manifest: Manifest__Output): boolean {
  const same = model.desired.versions.find((candidate) => candidate.version === version);
  const { config, files, signatures, canaryShare, shadowShare } = manifest;
  if (same !== undefined) {
    if (JSON.stringify(same.files) === JSON.stringify(files)) return true;
    throw new Refusal('ALREADY_EXISTS', `version ${version} of '${manifest.name}' is there with other content`);
  }
  const rollout = rolloutOf(model);
  model.desired.versions.push({ version, config, files, signatures });
  if (canaryShare > 0) Object.assign(rollout, { canary: version, canaryShare });
  else if (shadowShare === 0) rollout.stable = version;
  if (shadowShare > 0) Object.assign(rollout, { shadow: version, shadowShare });
  return false;
}
