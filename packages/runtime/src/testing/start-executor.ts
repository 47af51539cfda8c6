// For tests: an executor over probe workers, on a clock that the test moves, following an event log in memory.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, ManualClock } from '@weft/flow';
import {
  type DiskModel,
  diskModel,
  LastKnown,
  type NeededArtifacts,
  parseConfigText,
  type PushedVersion,
  type RepositoryModel,
  type WantedVersion,
} from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import { createLog } from '@weft/telemetry';
import { Executor } from '../executor/executor.ts';
import { ModelVersion } from '../executor/model-version.ts';
import { SpareWorker } from '../executor/spare-worker.ts';
import type { Isolation } from '../executor/worker-channel.ts';
import { LoadQueue } from '../lifecycle/load-queue.ts';
import { ModelLifecycle } from '../lifecycle/model-lifecycle.ts';
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

export interface ProbeOptions {
  readonly eventLog?: MemoryEventLog;
  /** Where the last known state is kept; by default a folder of its own that goes with the executor. */
  readonly dataDirectory?: string;
  /** Puts a pushed version's files somewhere: resolves to the path that the probe's backend is given. */
  readonly place?: (version: PushedVersion, signal: AbortSignal) => Promise<string>;
  readonly loadConcurrency?: number;
  /** None by default. */
  readonly loadTimeoutMs?: number;
  readonly signedOnly?: boolean;
  /** What lies in the model repository when it is read again. */
  readonly readDisk?: () => DiskModel | undefined;
}

const probeTask = 'parameters { key: "weft.task" value { string_value: "probe" } }';

/** The model `m` of a model repository, with these versions, which all serve. */
export function probeDisk(models: readonly ProbeModel[], config = probeTask): DiskModel {
  const present = models.map(({ version = '1' }) => version);
  const model: RepositoryModel = {
    name: 'm',
    directory: '/nowhere/m',
    service: 'probe',
    config: { ...parseConfigText(`version_policy { all {} } ${config}`), name: 'm' },
    versions: present,
    present,
    isDefault: false,
    problem: undefined,
  };
  return diskModel(model, []);
}

/** All versions are of the model `m`; `defaults` as in a service's defaults.json. */
export function startExecutor(
  models: readonly ProbeModel[] = [{}],
  defaults: Readonly<Record<string, string>> = {},
  options: ProbeOptions = {},
) {
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
  const { eventLog = new MemoryEventLog(), loadConcurrency = 2 } = options;
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'weft-executor-'));
  const lastKnown = new LastKnown(join(dataDirectory, 'last-known'), log);
  const swept: NeededArtifacts[] = [];
  const byVersion = new Map(models.map((model) => [model.version ?? '1', model]));
  const workers = new SpareWorker(new URL('./probe-worker.js', import.meta.url), clock);
  const versions: ModelVersion[] = [];
  const create = (wanted: WantedVersion, directory: string, onChange: () => void): ModelVersion => {
    const onDisk = wanted.origin.kind === 'repository' ? byVersion.get(wanted.version) : undefined;
    const spec: InstanceSpec = {
      model: 'm',
      version: wanted.version,
      config: wanted.config,
      artifact: { backend: 'tensorflowjs', model: onDisk?.file ?? directory, parts: {}, files: {} },
      providers: [],
      deviceId: 0,
      threads: 1,
      limits: { maxImagePixels: 1, maxTextBytes: 1, maxTexts: 1 },
      maxMessageBytes: onDisk?.maxMessageBytes ?? 20_000_000,
      cacheDirectory: '',
    };
    const version = new ModelVersion({
      model: 'm',
      version: wanted.version,
      config: wanted.config,
      plan: () => ({
        isolation: onDisk?.isolation ?? 'thread',
        specs: Array.from({ length: onDisk?.instances ?? 1 }, () => spec),
      }),
      workers,
      clock: recorded,
      loadTimeoutMs: options.loadTimeoutMs ?? 0,
      streamGraceMs: 0,
      log,
      onChange,
      streamCounts: { responded() {}, streamed() {} },
      keepBodies: () => false,
      onBatch: ({ rows }, { itemCount }) => void batches.push({ itemCount, rows }),
    });
    versions.push(version);
    return version;
  };
  const place = async (wanted: WantedVersion, signal: AbortSignal): Promise<string> => {
    const { model, origin } = wanted;
    if (origin.kind === 'repository') return 'sound';
    if (options.place === undefined) return contentOf(origin.version, eventLog);
    return options.place({ model, service: origin.service, version: origin.version }, signal);
  };
  const executor = new Executor({
    service: 'probe',
    defaults,
    lifecycle: (events) =>
      new ModelLifecycle(
        {
          service: 'probe',
          disk: models.length === 0 ? [] : [probeDisk(models, models[0]?.task === false ? '' : probeTask)],
          readDisk: options.readDisk ?? (() => probeDisk(models)),
          eventLog,
          signedOnly: options.signedOnly ?? false,
          lastKnown,
          loading: {
            place: async (wanted, { signal }) => ({ directory: await place(wanted, signal), config: wanted.config }),
            create: (wanted, { directory }, onChange) => create(wanted, directory, onChange),
            placing: new LoadQueue(loadConcurrency),
            loading: new LoadQueue(loadConcurrency),
            clock: recorded,
            log,
          },
          sweep: (needed) => void swept.push(needed()),
          clock: recorded,
          log,
        },
        events,
      ),
    maxMessageBytes: 20_000_000,
    log,
  });
  executor.watch(({ models: told = [] }) => {
    const state = told.map((model) => String(model.state).replace('MODEL_STATE_', '')).join(' ');
    if (state !== states.at(-1)) states.push(state);
    for (const wake of waiting) wake();
  });
  return {
    executor,
    eventLog,
    lastKnown,
    /** Every version that was made to be loaded. */
    versions,
    /** What was needed each time that something may have become needless. */
    swept,
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
      workers.close();
      reports.close();
      if (options.dataDirectory === undefined) rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** A pushed version's one file names what the probe's backend does: its content, checked as a version store would. */
async function contentOf({ files }: PushedVersion['version'], eventLog: MemoryEventLog): Promise<string> {
  const [file] = files;
  if (file === undefined) throw new TypeError('an event without files');
  const pieces: Uint8Array[] = [];
  for await (const piece of eventLog.artifacts.get(file, 0)) pieces.push(piece);
  const content = Buffer.concat(pieces);
  const digest = createHash('sha256').update(content).digest('hex');
  if (digest !== file.sha256) throw new TypeError('the depot has checked it');
  return content.toString();
}
