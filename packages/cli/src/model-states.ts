// What `weft models` shows, from the state that the router's admin service tells: pure, so that the table, the JSON and the
// lines of a watch say the same.
import type { ModelStatus, ModelsSnapshot, VersionStatus } from '@weft/client';
import { placeOf } from './format/format-outcome.ts';
import { formatShare } from './format/format-rollout.ts';

export interface VersionRow {
  readonly model: string;
  /** Empty in a row that is about the model as a whole. */
  readonly version: string;
  readonly service: string;
  /** `90%`, `10% canary`, `5% shadow`; empty: it gets what names it. */
  readonly share: string;
  /** `2/3`: READY replicas of those that tell of it; empty: none does. */
  readonly ready: string;
  readonly note: string;
}

/** One row for each version, the newest first, and one for each model that has something to say as a whole. */
export function versionRows({ models }: ModelsSnapshot): VersionRow[] {
  return byName(models).flatMap((model) => {
    const { name, service, reason } = model;
    const rows = newestFirst(model.versions).map((version) => versionRow(model, version));
    const note = reason === '' && rows.length === 0 ? 'no replica has told of it' : reason;
    return note === '' ? rows : [...rows, { model: name, version: '', service, share: '', ready: '', note }];
  });
}

/** Without the versions that are READY nowhere, and the models that are left without one. */
export function readyModels({ models, ...rest }: ModelsSnapshot): ModelsSnapshot {
  const ready = models.map((model) => ({
    ...model,
    versions: model.versions.filter((version) => readyCount(version) > 0),
  }));
  return { ...rest, models: ready.filter(({ versions }) => versions.length > 0) };
}

function versionRow(model: ModelStatus, version: VersionStatus): VersionRow {
  return {
    model: model.name,
    version: version.version,
    service: model.service,
    share: shareOf(model, version),
    ready: version.replicas.length === 0 ? '' : `${readyCount(version)}/${version.replicas.length}`,
    note: noteOf(version),
  };
}

function newestFirst(versions: readonly VersionStatus[]): VersionStatus[] {
  return [...versions].sort((a, b) => Number(b.version) - Number(a.version));
}

function byName(models: readonly ModelStatus[]): ModelStatus[] {
  return [...models].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readyCount({ replicas }: VersionStatus): number {
  return replicas.filter(({ state }) => state === 'READY').length;
}

function shareOf({ event }: ModelStatus, { version, share, shadowShare }: VersionStatus): string {
  const canary = event?.model?.rollout?.canary === version ? ' canary' : '';
  const parts: string[] = [];
  if (share > 0 || canary !== '') parts.push(`${formatShare(share)}${canary}`);
  if (shadowShare > 0) parts.push(`${formatShare(shadowShare)} shadow`);
  return parts.join(', ');
}

/** Why it may not serve, and for those replicas that are not READY, alike ones together, their state and reason. */
function noteOf({ withdrawn, replicas }: VersionStatus): string {
  const notes = withdrawn === '' ? [] : [`withdrawn: ${withdrawn}`];
  if (withdrawn === '' && replicas.length === 0) notes.push('not loaded');
  const alike = new Map<string, string[]>();
  for (const replica of replicas) {
    const { state, reason } = replica;
    if (state === 'READY') continue;
    const told = reason === '' ? state : `${state}: ${reason}`;
    alike.set(told, [...(alike.get(told) ?? []), placeOf(replica)]);
  }
  for (const [told, places] of alike) notes.push(`${places.join(', ')} ${told}`);
  return notes.join('; ');
}

/** A model as programs read it: everything that people see, and the counts. Bytes and configurations stay out. */
export function modelJson({ name, service, reason, event, revision, versions }: ModelStatus): object {
  const desired = event?.model ?? null;
  return {
    name,
    service,
    reason,
    revision,
    changed: event && { at: new Date(event.atMs).toISOString(), by: event.author, reason: event.reason },
    unloaded: desired?.unloaded ?? false,
    rollout: desired?.rollout ?? null,
    versions: newestFirst(versions).map((version) => ({ ...version, state: summaryState(version) })),
  };
}

const statesInOrder = ['READY', 'LOADING', 'UNLOADING'];

/** READY when any replica is: then the router can send requests there. */
function summaryState({ replicas }: VersionStatus): string {
  return statesInOrder.find((state) => replicas.some((replica) => replica.state === state)) ?? 'UNAVAILABLE';
}

export function snapshotJson({ models, eventLogProblem }: ModelsSnapshot): object {
  return { models: byName(models).map(modelJson), eventLogProblem };
}

/** Facts by what they are about, so that two snapshots can be compared. */
export type Facts = ReadonlyMap<string, { readonly seen: string; readonly line: string }>;

/** The lines of what is new or different, and of what is gone. */
export function changedLines(before: Facts, after: Facts, goneLine: (key: string) => string): string[] {
  const changed = [...after].filter(([key, { seen }]) => before.get(key)?.seen !== seen).map(([, { line }]) => line);
  const gone = [...before.keys()].filter((key) => !after.has(key)).map(goneLine);
  return [...changed, ...gone];
}
