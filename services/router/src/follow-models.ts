// What the router has to do with the models' desired state: it follows the event log, begins with what it knew when it ran last,
// changes it for operators, and withdraws canaries that are worse than what they are to replace.
import { join } from 'node:path';
import {
  CanaryGuard,
  Changes,
  DesiredModels,
  type DispatchEngine,
  MeshAdmin,
  ModelWriter,
  RecalledModels,
  rollBackCanary,
} from '@weft/dispatch';
import { systemClock } from '@weft/flow';
import { type EventLog, LastKnown } from '@weft/models';
import type { Instruments, Log } from '@weft/telemetry';
import type { RouterSettings } from './config.ts';

export interface FollowModelsOptions {
  readonly eventLog: EventLog;
  readonly engine: DispatchEngine;
  readonly log: Log;
  readonly metrics: Instruments;
}

export interface FollowedModels {
  readonly admin: MeshAdmin;
  /** The inventory has changed. */
  changed(): void;
  /** Resolves when the log has told what it holds, or cannot: before that nobody knows whom a request is for. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function followModels(
  settings: RouterSettings,
  { eventLog, engine, log, metrics }: FollowModelsOptions,
): FollowedModels {
  const clock = systemClock;
  const changes = new Changes();
  const lastKnown = new LastKnown(join(settings.dataDirectory, 'router', 'last-known'), log);
  const recalled = new RecalledModels({ lastKnown, clock, log });
  const desired: DesiredModels = new DesiredModels({
    eventLog: recalled.over(eventLog, (model) => desired.last(model)),
    log,
    onChange: (models) => engine.desire(recalled.with(models)),
  });
  const wallClock = (): number => Date.now();
  const writer = new ModelWriter({ eventLog, desired, wallClock });
  const { artifacts } = eventLog;
  const { keepVersions } = settings;
  const admin = new MeshAdmin({ engine, artifacts, desired, writer, changes, clock, wallClock, keepVersions });
  const rolledBack = metrics.counter('weft_canary_rollbacks_total', 'Canaries that this router withdrew by itself', [
    'model',
    'version',
  ]);
  metrics.observeGauge('weft_event_log_up', 'Whether the event log can be reached', {
    labels: [],
    observe: (report) => report(desired.problem === undefined ? 1 : 0),
  });
  const guard = new CanaryGuard({
    engine,
    clock,
    windowMs: settings.canaryWindow,
    limits: {
      minRequests: settings.canaryMinRequests,
      errorTolerance: settings.canaryErrorTolerance,
      latencyFactor: settings.canaryLatencyFactor,
    },
    log,
    rollBack: (model, version, reason) =>
      rollBackCanary({ inventory: () => engine.inventory, writer, atMs: wallClock() }, { model, version, reason }),
    onRolledBack: (model, version) => rolledBack.with(model, version).add(),
  });
  return {
    admin,
    changed: () => changes.notify(),
    start() {
      engine.desire(recalled.with(desired.models));
      desired.start();
      if (settings.canaryRollback) guard.start();
      return recalled.firstWord;
    },
    stop() {
      guard.stop();
      desired.stop();
      return recalled.written();
    },
  };
}
