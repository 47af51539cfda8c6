// What the mesh serves, put together from the states that replicas report: pure, rebuilt at every change and swapped
// whole. It answers which version of which model a request means, or why there is none.
import { WeftError } from '@weft/errors';
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';

/** What is known of one replica. `connected` is false once it was lost: its models are remembered as UNAVAILABLE. */
export interface ReplicaView {
  readonly state: ReplicaState__Output;
  readonly connected: boolean;
}

/** One model version over all replicas. */
export interface VersionView {
  readonly model: string;
  readonly version: string;
  readonly service: string;
  readonly replicas: readonly ServingReplica[];
  readonly ready: boolean;
  /** Of a READY replica where there is one. */
  readonly entry: ModelVersion__Output;
}

interface ServingReplica {
  readonly replicaId: string;
  readonly serving: boolean;
  /** Why it serves nothing, whatever state the version has there. */
  readonly away: 'draining' | 'not connected' | undefined;
  readonly entry: ModelVersion__Output;
}

export interface Inventory {
  /** Versions of each model, the newest first. */
  readonly models: ReadonlyMap<string, readonly VersionView[]>;
  /** Path of a typed method → its default model, of the replicas that are connected. */
  readonly methods: ReadonlyMap<string, string>;
  /** Models that two services claim, with the reason why they are not served. */
  readonly conflicts: ReadonlyMap<string, string>;
}

export const emptyInventory: Inventory = { models: new Map(), methods: new Map(), conflicts: new Map() };

export function buildInventory(replicas: Iterable<ReplicaView>): Inventory {
  const versions = new Map<string, VersionView[]>();
  const methods = new Map<string, string>();
  const conflicts = new Map<string, string>();
  // Who is connected comes first: a replica that is away claims nothing that another service serves by now.
  const present = [...replicas].sort((a, b) => Number(b.connected) - Number(a.connected));
  for (const replica of present) {
    const { state, connected } = replica;
    if (connected) for (const { path, defaultModel } of state.methods) methods.set(path, defaultModel);
    for (const entry of state.models) {
      const known = versions.get(entry.name) ?? [];
      versions.set(entry.name, known);
      const owner = known[0]?.service;
      if (owner !== undefined && owner !== state.service) {
        const claim = `model '${entry.name}' is claimed by the services ${[owner, state.service].sort().join(' and ')}`;
        if (connected) conflicts.set(entry.name, claim);
        continue;
      }
      addReplica(known, replica, entry);
    }
  }
  for (const known of versions.values()) known.sort((a, b) => Number(b.version) - Number(a.version));
  return { models: versions, methods, conflicts };
}

function addReplica(known: VersionView[], { state, connected }: ReplicaView, entry: ModelVersion__Output): void {
  const away = !connected ? 'not connected' : state.draining ? 'draining' : undefined;
  const serving = away === undefined && entry.state === 'MODEL_STATE_READY';
  const at = known.findIndex((view) => view.version === entry.version);
  const before = known[at];
  const view: VersionView = {
    model: entry.name,
    version: entry.version,
    service: state.service,
    replicas: [...(before?.replicas ?? []), { replicaId: state.replicaId, serving, away, entry }],
    ready: serving || before?.ready === true,
    entry: before?.ready === true || (before !== undefined && !serving) ? before.entry : entry,
  };
  if (at === -1) known.push(view);
  else known[at] = view;
}

/**
 * The version that serves a request. `version` empty means the newest READY one. Throws NOT_FOUND for a name or version
 * that no replica has, UNAVAILABLE for one that is not READY anywhere.
 */
export function resolveVersion(inventory: Inventory, model: string, version: string): VersionView {
  const conflict = inventory.conflicts.get(model);
  if (conflict !== undefined) throw new WeftError('UNAVAILABLE', conflict);
  const versions = inventory.models.get(model);
  if (versions === undefined) throw new WeftError('NOT_FOUND', `Request for unknown model: '${model}' is not found`);
  const chosen =
    version === ''
      ? (versions.find((view) => view.ready) ?? versions[0])
      : versions.find((view) => view.version === version);
  if (chosen === undefined)
    throw new WeftError('NOT_FOUND', `Request for unknown model: '${model}' version ${version} is not found`);
  if (chosen.ready) return chosen;
  const named = chosen.version === '' ? '' : ` version ${chosen.version}`;
  throw new WeftError('UNAVAILABLE', `model '${model}'${named} is not at ready state: ${whyNotReady(chosen)}`);
}

/** Why a version serves nothing: the replicas' reasons, without the name of a state that is `said` already. */
export function whyNotReady(view: VersionView, said = ''): string {
  const reasons = view.replicas.map(({ entry, serving, away }) => {
    if (serving) return 'ready';
    // What a replica that is away said last is stale, unless it is a failure.
    if (away !== undefined && entry.state !== 'MODEL_STATE_UNAVAILABLE') return `its replica is ${away}`;
    const state = stateName(entry);
    if (entry.reason === '') return state === said ? '' : state;
    return state === said ? entry.reason : `${state}: ${entry.reason}`;
  });
  return [...new Set(reasons)].join('; ');
}

/** The state in the protocol's words: READY, LOADING, … */
export function stateName(entry: ModelVersion__Output): string {
  const name = entry.state.replace('MODEL_STATE_', '');
  return name === 'UNSPECIFIED' ? 'UNKNOWN' : name;
}
