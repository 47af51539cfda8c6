// Publishes a version: the manifest is checked, what the depot has not got is received and stored, and one event is appended;
// then the replicas act. Nothing is in the log before all files are in the depot.
import { invalidArgument } from '@weft/errors';
import type { Caller } from '../engine/caller.ts';
import type { Manifest__Output } from '@weft/rpc/messages/weft/router/v1/Manifest';
import type { PushRequest__Output } from '@weft/rpc/messages/weft/router/v1/PushRequest';
import type { PushResponse } from '@weft/rpc/messages/weft/router/v1/PushResponse';
import type { ModelFacts } from '../rollout/model-facts.ts';
import { dropOldest } from './drop-oldest.ts';
import { authorOf, type MeshAdmin } from './mesh-admin.ts';
import { checkManifest, nextVersion, planPush } from './plan-push.ts';
import { receiveFiles } from './receive-files.ts';

export async function* push(
  admin: MeshAdmin,
  stream: AsyncIterable<PushRequest__Output>,
  context: Caller,
): AsyncGenerator<PushResponse, void> {
  const { artifacts, desired, keepVersions } = admin.options;
  const requests = stream[Symbol.asyncIterator]();
  const first = await requests.next();
  const manifest = first.done === true ? undefined : first.value.manifest;
  if (!manifest) throw invalidArgument('the first message of a push is its manifest');
  checkManifest(manifest);
  const { name, files } = manifest;
  const before = admin.facts(name, desired.last(name)?.event.model);
  const version = manifest.version === '' ? nextVersion(before) : manifest.version;
  const author = authorOf(context);
  // What cannot become anything is refused before its files travel.
  admin.check(name, author, (facts) => dropOldest(planPush(manifest, version, facts), facts, keepVersions));
  const wanted: number[] = [];
  const asked = new Set<string>();
  for (const [index, file] of files.entries()) {
    if (file.source !== '' || asked.has(file.sha256) || (await artifacts.has(file))) continue;
    asked.add(file.sha256);
    wanted.push(index);
  }
  yield { wanted: { files: wanted, version } };
  const missing = wanted.map((index) => files[index] as Manifest__Output['files'][number]);
  for await (const storedBytes of receiveFiles(artifacts, missing, requests)) yield { storedBytes };
  let published = version;
  const { revision, model } = await admin.change(name, author, (facts) => {
    published = freeVersion(manifest, version, facts);
    return dropOldest(planPush(manifest, published, facts), facts, keepVersions);
  });
  yield { published: { version: published, revision } };
  for await (const outcome of admin.outcomes({ model: name, service: model.service, revision }, context))
    yield { outcome };
}

/** Whoever named no version takes the next one when another push was faster; a signature would not fit that one. */
function freeVersion(manifest: Manifest__Output, version: string, facts: ModelFacts): string {
  const taken = facts.desired?.versions.some((one) => one.version === version) === true;
  return taken && manifest.version === '' && manifest.signatures.length === 0 ? nextVersion(facts) : version;
}
