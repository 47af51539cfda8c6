// What the mesh serves, put together from the states that replicas report and from what the event log wants of them: pure,
// rebuilt at every change and swapped whole.
import { type Ensemble, isEnsemble } from '@weft/models';
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import { type Share, shadowShare, versionShares } from '../rollout/version-shares.ts';

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
  /** Some replica has it READY, and it is not withdrawn, or there is no other one yet: then it is for who names no version. */
  readonly ready: boolean;
  /** Why it may not serve; undefined when it may. */
  readonly withdrawn: string | undefined;
  /** Of a READY replica where there is one. */
  readonly entry: ModelVersion__Output;
  /** Of an ensemble whose steps are READY: what is made of them. */
  readonly ensemble?: Ensemble;
}

/** Changes when the version is configured anew, by another replica or another push. */
export function configKey({ entry }: VersionView): string {
  return JSON.stringify([entry.maxBatchSize, entry.config]);
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
  /** What the event log says of models, as far as it says anything. */
  readonly desired: DesiredModels;
  /** Of the requests that name no version: who serves them, of the models that are served. */
  readonly shares: ReadonlyMap<string, readonly Share<VersionView>[]>;
  /** Who gets copies of them. */
  readonly shadows: ReadonlyMap<string, Share<VersionView>>;
  /** Models of which some version is an ensemble (ensembles/with-ensembles.ts). */
  readonly ensembles: ReadonlySet<string>;
}

/** An inventory that is being put together. */
export interface InventoryDraft extends Inventory {
  readonly models: Map<string, VersionView[]>;
  readonly shares: Map<string, readonly Share<VersionView>[]>;
  readonly shadows: Map<string, Share<VersionView>>;
}

export type DesiredModels = ReadonlyMap<string, DesiredModel__Output>;

const nothingDesired: DesiredModels = new Map();

export const emptyInventory: Inventory = buildInventory([]);

export function buildInventory(
  replicas: Iterable<ReplicaView>,
  desired: DesiredModels = nothingDesired,
): InventoryDraft {
  const versions = new Map<string, VersionView[]>();
  const methods = new Map<string, string>();
  const conflicts = new Map<string, string>();
  const ensembles = new Set<string>();
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
      if (entry.config != null && isEnsemble(entry.config)) ensembles.add(entry.name);
      addReplica(known, replica, { entry, withdrawn: whyWithdrawn(desired, entry.name, entry.version) });
    }
  }
  const inventory = { models: versions, methods, conflicts, desired, shares: new Map(), shadows: new Map(), ensembles };
  for (const [model, known] of versions) {
    known.sort((a, b) => Number(b.version) - Number(a.version));
    shareOut(inventory, model, known);
  }
  return inventory;
}

/** Says of one model who serves those that name no version. */
export function shareOut(inventory: InventoryDraft, model: string, known: VersionView[]): void {
  const { desired, conflicts, shares, shadows } = inventory;
  if (desired.get(model)?.unloaded !== true) keepLast(known);
  if (conflicts.has(model)) return;
  const rollout = desired.get(model)?.rollout;
  shares.set(model, versionShares(known, rollout));
  const shadow = shadowShare(known, rollout);
  if (shadow !== undefined) shadows.set(model, shadow);
}

/** Why a version may not serve, whoever has it; undefined when it may. */
export function whyWithdrawn(desired: DesiredModels, model: string, version: string): string | undefined {
  const wanted = desired.get(model);
  if (wanted?.unloaded === true) return 'unloaded';
  const withdrawal = wanted?.withdrawals.find((one) => one.version === version);
  if (withdrawal === undefined) return undefined;
  return withdrawal.reason === '' ? 'withdrawn' : `withdrawn: ${withdrawal.reason}`;
}

function addReplica(
  known: VersionView[],
  { state, connected }: ReplicaView,
  { entry, withdrawn }: { readonly entry: ModelVersion__Output; readonly withdrawn: string | undefined },
): void {
  const away = !connected ? 'not connected' : state.draining ? 'draining' : undefined;
  const serving = away === undefined && entry.state === 'MODEL_STATE_READY';
  const at = known.findIndex((view) => view.version === entry.version);
  const before = known[at];
  const servedBefore = before?.replicas.some((replica) => replica.serving) === true;
  const view: VersionView = {
    model: entry.name,
    version: entry.version,
    service: state.service,
    replicas: [...(before?.replicas ?? []), { replicaId: state.replicaId, serving, away, entry }],
    ready: withdrawn === undefined && (serving || before?.ready === true),
    withdrawn,
    entry: before !== undefined && (servedBefore || !serving) ? before.entry : entry,
  };
  if (at === -1) known.push(view);
  else known[at] = view;
}

/** A withdrawn version serves until another one is READY: who rolls back wants an older version, not none. */
function keepLast(known: VersionView[]): void {
  if (known.some(({ ready }) => ready)) return;
  const at = known.findIndex(({ replicas }) => replicas.some(({ serving }) => serving));
  const last = known[at];
  if (last !== undefined) known[at] = { ...last, ready: true };
}

/** Why a version serves nothing: the replicas' reasons, without the name of a state that is `said` already. */
export function whyNotReady(view: VersionView, said = ''): string {
  if (view.withdrawn !== undefined) return view.withdrawn;
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
