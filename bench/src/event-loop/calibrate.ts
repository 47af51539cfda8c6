// How many multiplications take half a second here and now.
import type { Client } from '../overhead/measure-target.ts';
import { inferPath } from '../overhead/identity-model.ts';
import { slowRequest } from './slow-model.ts';

export const wantedMs = 500;

/** From a short run to longer ones, since what a call costs beside the run counts in short ones. */
export async function calibrate(client: Client, address: string): Promise<number> {
  let count = 8;
  for (let step = 0; step < 5; step++) {
    // One call lasts longer than the load should: so it is one call.
    const load = { address, path: inferPath, payload: slowRequest(count), concurrency: 1, durationMs: 1 };
    const { p50Ms, failures } = await client.ask('load', load);
    if (failures > 0) throw new Error('the slow model cannot be called');
    count = Math.max(1, Math.round(count * Math.min(16, wantedMs / p50Ms)));
  }
  return count;
}
