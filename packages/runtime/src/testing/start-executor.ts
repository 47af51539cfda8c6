// For tests: an executor over probe workers, on a clock that the test moves.
import { type Clock, ManualClock } from '@weft/flow';
import { parseConfigText } from '@weft/models';
import { createLog } from '@weft/telemetry';
import { Executor } from '../executor/executor.ts';
import { ModelVersion } from '../executor/model-version.ts';
import type { Isolation } from '../executor/worker-channel.ts';
import type { InstanceSpec } from '../worker/messages.ts';
import { ProbeReports } from './probe-reports.ts';

export interface ProbeModel {
  readonly version?: string;
  /** See probe-worker.ts. */
  readonly file?: string;
  readonly instances?: number;
  readonly isolation?: Isolation;
  /** Without a task only ModelInfer is served. */
  readonly task?: boolean;
  readonly maxMessageBytes?: number;
}

/** All versions are of the model `m`; `defaults` as in a service's defaults.json. */
export function startExecutor(models: readonly ProbeModel[] = [{}], defaults: Readonly<Record<string, string>> = {}) {
  const clock = new ManualClock();
  const delays: number[] = [];
  const recorded: Clock = {
    now: () => clock.now(),
    setTimer(delayMs, wake) {
      delays.push(delayMs);
      return clock.setTimer(delayMs, wake);
    },
  };
  const reports = new ProbeReports();
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    level: 'info',
    fields: {},
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const states: string[] = [];
  const batches: { readonly itemCount: number; readonly rows: number }[] = [];
  const waiting = new Set<() => void>();
  const changed = (): void => {
    states.push(versions.map(({ state }) => state.replace('MODEL_STATE_', '')).join(' '));
    executor.changed();
    for (const wake of waiting) wake();
  };
  const versions = models.map((model) => {
    const config = parseConfigText(
      model.task === false ? '' : 'parameters { key: "weft.task" value { string_value: "probe" } }',
    );
    const spec: InstanceSpec = {
      model: 'm',
      version: model.version ?? '1',
      config,
      artifact: { backend: 'tensorflowjs', model: model.file ?? 'sound', parts: {}, files: {} },
      providers: [],
      deviceId: 0,
      threads: 1,
      limits: { maxImagePixels: 1, maxTextBytes: 1, maxTexts: 1 },
      maxMessageBytes: model.maxMessageBytes ?? 20_000_000,
      cacheDirectory: '',
    };
    return new ModelVersion({
      model: 'm',
      version: spec.version,
      config,
      plan: () => ({
        isolation: model.isolation ?? 'thread',
        specs: Array.from({ length: model.instances ?? 1 }, () => spec),
      }),
      entry: new URL('./probe-worker.js', import.meta.url),
      clock: recorded,
      log,
      onChange: changed,
      keepBodies: false,
      onBatch: ({ rows }, { itemCount }) => void batches.push({ itemCount, rows }),
    });
  });
  const executor = new Executor({
    service: 'probe',
    defaults,
    broken: [],
    versions,
    loadConcurrency: 2,
    maxMessageBytes: 20_000_000,
    log,
  });
  const [version] = versions as [ModelVersion];
  return {
    executor,
    version,
    clock,
    /** Of every timer that was set. */
    delays,
    reports,
    lines,
    states,
    batches,
    /** Resolves once this holds; asked again at each change of a state. */
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    async stop(): Promise<void> {
      await executor.drain(5_000);
      reports.close();
    },
  };
}
