// Parts of uploads whose router was killed before their end, or lost NATS for good: no artifact names their upload, so nobody
// would find them, nor remove them. Those of a day ago belong to no upload that goes on.
import type { ObjectInfo } from 'nats';

/** How long an upload may send nothing. */
const silentMs = 24 * 3_600_000;

/** The names of such parts. `uploadOf` is the upload that an artifact's description names. */
export function abandonedParts(
  objects: readonly Pick<ObjectInfo, 'name' | 'description' | 'mtime' | 'deleted'>[],
  uploadOf: (description: string | undefined) => string | undefined,
  nowMs: number,
): string[] {
  const present = objects.filter(({ deleted }) => !deleted).map((object) => ({ ...object, ...partOf(object.name) }));
  const finished = new Set<string>();
  const lastSentMs = new Map<string, number>();
  for (const { name, description, mtime, upload } of present) {
    if (upload === undefined) finished.add(`${name}/${uploadOf(description)}`);
    else lastSentMs.set(upload, Math.max(lastSentMs.get(upload) ?? 0, Date.parse(mtime)));
  }
  const isAbandoned = (upload: string): boolean =>
    !finished.has(upload) && nowMs - (lastSentMs.get(upload) ?? nowMs) > silentMs;
  return present.flatMap(({ name, upload }) => (upload !== undefined && isAbandoned(upload) ? [name] : []));
}

/** What the bucket holds besides is nobody's business here. */
function partOf(name: string): { readonly upload: string | undefined } {
  return { upload: /^([0-9a-f]{64}\/[^/]+)\/\d+$/.exec(name)?.[1] };
}
