// weft against what people run in its place: the same model file on as many threads, behind weft, MLServer, Ray Serve and an
// Express route, called by the same client in an open loop with the same deadline. The servers take turns and each begins
// afresh, so that none is there while another one is measured.
import { join } from 'node:path';
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import type { ProcessQuestions } from '../children/answer-parent.ts';
import type { OpenLoopQuestions } from '../children/peers-client.ts';
import type { Reference, ReferenceQuestions } from '../children/reference.ts';
import { forkChild } from '../forked-child.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { rounded } from '../statistics.ts';
import { encoderModel, encoderRows, maxRows } from './encoder-model.ts';
import { chooseVariant, type Entrant, measureVariant, type PeerRun, prepareEntrant } from './entrant.ts';
import { expressPeer } from './express-peer.ts';
import type { OpenLoopClient, PeerLoads } from './measure-peer.ts';
import { mlserverPeer } from './mlserver-peer.ts';
import type { Peer } from './peer.ts';
import { rayServePeer } from './ray-serve-peer.ts';
import { reportPeers } from './report-peers.ts';
import { weftPeer } from './weft-peer.ts';

const peers: readonly Peer[] = [weftPeer, mlserverPeer, rayServePeer, expressPeer];
const rounds = 3;
/** Offered loads, as shares of what the model alone can do with full batches. */
const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1, 2];
/** Loads at which the settings of a server are compared. */
const trialShares = [0.2, 0.35, 0.5];
const loads = {
  warmUpMs: 3_000,
  closedMs: 2_000,
  settleMs: 400,
  measureMs: 2_000,
  deadlineMs: 50,
  /** More than a deadline's worth of the highest load. */
  maxInFlight: 256,
};
const threads = 1;

export const peersBench: Bench = {
  name: 'peers',
  about: 'weft, MLServer, Ray Serve and Express with the same model: answered in time by load; needs Python and PyPI',
  run: runPeers,
};

async function runPeers({ progress, profileDirectory }: BenchOptions): Promise<BenchReport> {
  const entrants: Entrant[] = [];
  for (const peer of peers) entrants.push(await prepareEntrant(peer, progress));
  const folder = await createScratchFolder([encoderModel()]);
  const client: OpenLoopClient = forkChild<OpenLoopQuestions & ProcessQuestions>(
    new URL('../children/peers-client.js', import.meta.url),
    { name: 'client', profileDirectory },
  );
  try {
    const rows = encoderRows(8);
    const modelFile = join(folder.repository, 'encoder', '1', 'model.onnx');
    progress('the model by itself');
    const { firstValues, times } = await inferReference(modelFile, rows);
    const capacity = (maxRows * 1000) / (times.at(-1)?.ms ?? Number.NaN);
    const ratesOf = (of: readonly number[]): number[] => of.map((share) => rounded(share * capacity, 2));
    const rates = ratesOf(shares);
    const context = { folder, modelFile, threads, rows, firstValues, profileDirectory };
    const run = (at: Pick<PeerLoads, 'rates' | 'seed'>): PeerRun => ({
      client,
      context,
      loads: { ...loads, ...at },
      progress,
    });
    for (const entrant of entrants) await chooseVariant(entrant, run({ rates: ratesOf(trialShares), seed: rounds }));
    for (let round = 0; round < rounds; round++) {
      // Each round begins with another one.
      for (const at of entrants.keys()) {
        const { record, variants } = entrants[(at + round) % entrants.length] as Entrant;
        const [variant] = variants;
        if (record.missing !== undefined || variant === undefined) continue;
        progress(`round ${round + 1} of ${rounds}: ${record.name}`);
        const measure = await measureVariant(record, variant, run({ rates, seed: round }));
        if (measure !== undefined) record.rounds.push(measure);
      }
    }
    return reportPeers({
      peers: entrants.map(({ record }) => record),
      times,
      rates,
      deadlineMs: loads.deadlineMs,
      threads,
    });
  } finally {
    await client.stop();
    await folder.remove();
  }
}

async function inferReference(modelFile: string, rows: readonly Float32Array[]): Promise<Reference> {
  const entry = new URL('../children/reference.js', import.meta.url);
  const child = forkChild<ReferenceQuestions>(entry, { name: 'reference' });
  try {
    return await child.ask('infer', { modelFile, threads, rows, batchSizes: [1, 2, 4, 8, 16, maxRows] });
  } finally {
    await child.stop();
  }
}
