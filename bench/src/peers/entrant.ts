// A server that takes part in the bench: prepared, tried with each of its settings, measured with the best. One that cannot be
// measured is left out, loudly: a bench of fewer servers than promised must not look complete.
import { ForeignMissing } from '@weft/foreign';
import type { BenchOptions } from '../bench.ts';
import { measurePeer, type OpenLoopClient, type PeerLoads, type PeerMeasure } from './measure-peer.ts';
import type { Peer, PeerContext, PeerVariant } from './peer.ts';
import type { MeasuredPeer } from './report-peers.ts';

export interface Entrant {
  readonly record: MeasuredPeer;
  /** What it is measured with is the first. */
  variants: readonly PeerVariant[];
}

export async function prepareEntrant(peer: Peer, progress: BenchOptions['progress']): Promise<Entrant> {
  const record: MeasuredPeer = { name: peer.name, versions: {}, setting: '', rounds: [], missing: undefined };
  try {
    const { versions, variants } = await peer.prepare(progress);
    return { record: { ...record, versions }, variants };
  } catch (thrown) {
    if (!(thrown instanceof ForeignMissing)) throw thrown;
    skip(record, thrown.message, progress);
    return { record, variants: [] };
  }
}

export interface PeerRun {
  readonly client: OpenLoopClient;
  readonly context: PeerContext;
  readonly loads: PeerLoads;
  readonly progress: BenchOptions['progress'];
}

/** Tries all, and leaves the one that answers the most in time. */
export async function chooseVariant(entrant: Entrant, bench: PeerRun): Promise<void> {
  const { record, variants } = entrant;
  let most = -1;
  if (variants.length < 2) return;
  for (const variant of variants) {
    bench.progress(`trying ${record.name} with ${variant.setting}`);
    const measure = await measureVariant(record, variant, { ...bench, loads: { ...bench.loads, closedMs: 1 } });
    if (measure === undefined) return;
    const inTime = measure.offered.reduce((sum, each) => sum + each.inTime, 0);
    if (inTime <= most) continue;
    most = inTime;
    entrant.variants = [variant];
    record.setting = variant.setting;
  }
}

/** Undefined when the server did not serve; then the record says why. */
export async function measureVariant(
  record: MeasuredPeer,
  variant: PeerVariant,
  { client, context, loads, progress }: PeerRun,
): Promise<PeerMeasure | undefined> {
  const running = await variant.start(context);
  try {
    return await measurePeer(client, running, loads);
  } catch (thrown) {
    if (!(thrown instanceof ForeignMissing)) throw thrown;
    skip(record, thrown.message, progress);
    return undefined;
  } finally {
    await running.stop();
  }
}

function skip(record: MeasuredPeer, reason: string, progress: BenchOptions['progress']): void {
  record.missing = reason;
  progress(`NOT MEASURED: ${record.name}: ${reason}`);
}
