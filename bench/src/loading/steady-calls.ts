// A trickle of calls of one model, one each 20 ms whatever becomes of those before, each with when it began and how long it took.
import { setInterval } from 'node:timers/promises';
import type { WeftClient } from '@weft/client';
import { slowModel } from '../event-loop/slow-model.ts';

export interface SteadyCall {
  readonly sentMs: number;
  readonly tookMs: number;
  readonly failed: boolean;
}

const everyMs = 20;
/** Multiplications in a call: a few milliseconds. */
const work = 1;

export function startSteadyCalls(client: WeftClient): { stop(): Promise<SteadyCall[]> } {
  const calls: Promise<SteadyCall>[] = [];
  let stopped = false;
  const running = (async () => {
    for await (const _ of setInterval(everyMs)) {
      if (stopped) return;
      calls.push(call(client));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return Promise.all(calls);
    },
  };
}

async function call(client: WeftClient): Promise<SteadyCall> {
  const sentMs = performance.now();
  const inputs = { count: { datatype: 'INT64' as const, shape: [1], elements: [work] } };
  let failed = false;
  try {
    await client.infer({ model: slowModel.name, inputs });
  } catch {
    failed = true;
  }
  return { sentMs, tookMs: performance.now() - sentMs, failed };
}
