// A constant load on one model whose versions add their number: each answer tells by its value and by its name which version
// made it, and the two have to be the same.
import { setInterval } from 'node:timers/promises';
import type { WeftClient } from '@weft/client';

export interface LoadReport {
  /** Version → how many it answered. */
  readonly answered: ReadonlyMap<string, number>;
  /** What was not answered, and why. */
  readonly failures: readonly string[];
  /** Answers whose value is of another version than they say. */
  readonly mixed: readonly string[];
}

export interface ConstantLoad {
  /** Resolves once so many more have been answered. */
  served(count: number): Promise<void>;
  /** Waits for the last answers. */
  stop(): Promise<LoadReport>;
}

/** One request each `everyMs`, whatever has become of those before. */
export function startConstantLoad(client: WeftClient, everyMs: number, model = 'm'): ConstantLoad {
  const answered = new Map<string, number>();
  const failures: string[] = [];
  const mixed: string[] = [];
  const calls = new Set<Promise<void>>();
  const waiting = new Set<{ left: number; readonly go: () => void }>();
  let stopped = false;
  const infer = async (): Promise<void> => {
    const inputs = { x: { datatype: 'FP32' as const, shape: [1, 2], elements: [1, 1] } };
    try {
      const { modelVersion, outputs } = await client.infer({ model, inputs }, { timeoutMs: 10_000 });
      const added = Number(outputs['y']?.elements[0]) - 1;
      if (String(added) !== modelVersion) mixed.push(`${modelVersion} added ${added}`);
      answered.set(modelVersion, (answered.get(modelVersion) ?? 0) + 1);
      for (const one of waiting) if ((one.left -= 1) <= 0 && waiting.delete(one)) one.go();
    } catch (thrown) {
      failures.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  const load = (async () => {
    for await (const _ of setInterval(everyMs)) {
      if (stopped) break;
      const call = infer().finally(() => calls.delete(call));
      calls.add(call);
    }
    await Promise.all(calls);
  })();
  return {
    served: (count) => new Promise((go) => waiting.add({ left: count, go })),
    async stop() {
      stopped = true;
      await load;
      return { answered, failures, mixed };
    },
  };
}
