// From a version that is wanted and the folder of its model to one that can be loaded: artifacts found, instances counted,
// threads shared out.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { LimitSettings, ModelSettings, ServerSettings } from '@weft/config';
import type { StatisticsBook } from '@weft/dispatch';
import { systemClock } from '@weft/flow';
import {
  checkConfig,
  isEnsemble,
  readEnsemble,
  refuseUnknownParameters,
  resolveArtifact,
  schedulingOf,
} from '@weft/models';
import type { Instruments, Telemetry } from '@weft/telemetry';
import { ModelVersion } from './executor/model-version.ts';
import type { SpareWorker } from './executor/spare-worker.ts';
import { instancePlan } from './instance-plan.ts';
import type { Loading } from './lifecycle/served-version.ts';
import { observeMeasures } from './metrics/observe-measures.ts';
import { observeBatches } from './observe-batches.ts';
import { observeStreams } from './streams/observe-streams.ts';

export interface VersionCreatorOptions {
  readonly workers: SpareWorker;
  readonly npmRoots: readonly string[];
  readonly settings: ModelSettings & LimitSettings & Pick<ServerSettings, 'maxMessageBytes'>;
  readonly telemetry: Pick<Telemetry, 'log' | 'tracing'>;
  readonly metrics: Instruments;
  readonly statistics: StatisticsBook;
}

export function versionCreator(options: VersionCreatorOptions): Loading['create'] {
  const { settings, telemetry, workers, npmRoots } = options;
  const { maxImagePixels, maxTextBytes, maxTexts, maxMessageBytes } = settings;
  const observe = observeBatches(telemetry.tracing, options.metrics);
  const meter = observeStreams(options.metrics);
  const measures = observeMeasures(options.metrics);
  return ({ model, version, config }, folder, onChange) => {
    const limits = { maxImagePixels, maxTextBytes, maxTexts };
    const base = { model, version, config, limits, maxMessageBytes, cacheDirectory: resolve(settings.dataDirectory) };
    return new ModelVersion({
      model,
      version,
      config,
      plan() {
        // What cannot be meant is refused here, before a router has to make something of it.
        checkConfig(config);
        schedulingOf(config);
        // Its steps are instances enough: whoever dispatches runs it over them.
        if (isEnsemble(config)) {
          readEnsemble(config);
          refuseUnknownParameters(config);
          return { isolation: 'thread', specs: [] };
        }
        const { placements, isolation } = instancePlan(config, settings.executionProviders);
        const artifact = resolveArtifact(folder, version, npmRoots);
        // Each instance has threads of its own: the cores are shared out, or they would fight.
        const threads = settings.intraOpThreads ?? Math.max(1, Math.floor(availableParallelism() / placements.length));
        return { isolation, specs: placements.map((placement) => ({ ...base, ...placement, artifact, threads })) };
      },
      workers,
      clock: systemClock,
      loadTimeoutMs: settings.loadTimeout,
      streamGraceMs: settings.streamGrace,
      log: telemetry.log,
      onChange,
      streamCounts: options.statistics.of(model, version),
      meter: meter(model, version),
      measures: () => measures(model, version),
      keepBodies: () => telemetry.tracing.enabled,
      onBatch(measure, batch) {
        options.statistics.of(model, version).computed(measure.computed, systemClock.now());
        observe({ model, version, ...measure, ...batch });
      },
    });
  };
}
