// One server under every load of the ladder, from a fresh start: waited for, warmed up, called one at a time, then offered
// more and more.
import { setTimeout as sleep } from 'node:timers/promises';
import { ForeignMissing } from '@weft/foreign';
import type { ProcessQuestions } from '../children/answer-parent.ts';
import type { ClosedResult, OpenLoopQuestions } from '../children/peers-client.ts';
import type { ForkedChild } from '../forked-child.ts';
import type { OfferedLoad, OfferedResult } from './offer-load.ts';
import type { RunningPeer } from './peer.ts';

export type OpenLoopClient = ForkedChild<OpenLoopQuestions & ProcessQuestions>;

export interface PeerLoads extends Omit<OfferedLoad, 'rate'> {
  /** Requests a second, from few to many. */
  readonly rates: readonly number[];
  readonly warmUpMs: number;
  readonly closedMs: number;
  readonly seed: number;
}

export interface OfferedMeasure extends OfferedResult {
  readonly rate: number;
}

export interface PeerMeasure {
  /** One call at a time. */
  readonly closed: ClosedResult;
  readonly offered: readonly OfferedMeasure[];
}

const startTimeoutMs = 120_000;
/** A server that was offered too much gets this long to answer again. */
const recoveryTimeoutMs = 20_000;
const warmUpConcurrency = 16;

/** Throws ForeignMissing when the server does not serve, or no longer. */
export async function measurePeer(
  client: OpenLoopClient,
  { target, ended }: RunningPeer,
  { rates, warmUpMs, closedMs, seed, ...load }: PeerLoads,
): Promise<PeerMeasure> {
  await client.ask('open', target);
  await waitForAnswer(client, ended, startTimeoutMs);
  await client.ask('closed', { concurrency: warmUpConcurrency, durationMs: warmUpMs });
  await client.ask('closed', { concurrency: 1, durationMs: 500 });
  const closed = await client.ask('closed', { concurrency: 1, durationMs: closedMs });
  const offered: OfferedMeasure[] = [];
  for (const rate of rates) {
    offered.push({ rate, ...(await client.ask('offer', { ...load, rate, seed })) });
    await waitForAnswer(client, ended, recoveryTimeoutMs);
  }
  return { closed, offered };
}

async function waitForAnswer(
  client: OpenLoopClient,
  ended: () => string | undefined,
  timeoutMs: number,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await client.ask('probe'))) {
    const reason = ended();
    if (reason !== undefined) throw new ForeignMissing(reason);
    if (performance.now() - startedMs > timeoutMs)
      throw new ForeignMissing(`no right answer within ${timeoutMs / 1000} s`);
    await sleep(250);
  }
}
