// The life of `weft up`: start, load, tell, serve until a signal, stop. The first SIGINT or SIGTERM lets what is in
// flight finish; a second one does not wait.
import type { RunningService } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { stopSignals } from '@weft/flow';
import type { Log } from '@weft/telemetry';
import type { Progress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import type { ServedModel } from './mesh-report.ts';
import { type Mesh, type Starters, startMesh } from './start-mesh.ts';
import { unservedModels } from './unserved-models.ts';
import type { UpSettings } from './up-settings.ts';

export interface MeshRun {
  readonly shell: Shell;
  readonly settings: UpSettings;
  readonly starters: Starters;
  readonly progress: Progress;
  readonly log: Pick<Log, 'warn'>;
  /** Resolves when the router serves these models. */
  waitUntilServed(router: string, models: readonly ServedModel[]): Promise<void>;
  /** Called once, when every default model is READY. */
  onReady(mesh: Mesh, models: readonly ServedModel[]): void;
}

/** Resolves after a signal has ended the mesh; rejects when it cannot start, or a default model cannot be served. */
export async function runMesh(run: MeshRun): Promise<void> {
  const { shell, settings, starters, progress } = run;
  const stopping = stopSignal(shell);
  try {
    progress.update('starting services');
    const mesh = await startMesh(settings, starters);
    try {
      const loading = load(mesh, run);
      // After a signal nobody waits for the models, however their loading ends.
      loading.catch(() => {});
      const models = await Promise.race([loading, stopping.signalled]);
      progress.done();
      if (models !== undefined) {
        run.onReady(mesh, models);
        await stopping.signalled;
      }
    } finally {
      progress.update('stopping');
      await mesh.stop();
    }
  } finally {
    stopping.dispose();
    progress.done();
  }
}

async function load(mesh: Mesh, run: MeshRun): Promise<ServedModel[]> {
  const { progress, settings, log } = run;
  const pending = new Set(mesh.services.map((service) => service.name));
  const tell = () => progress.update(`loading models: ${[...pending].join(', ')}`);
  tell();
  const reports = await Promise.all(
    mesh.services.map(async (service) => {
      const { models, failedDefaults } = await service.ready;
      const failed = failedDefaults[0];
      if (failed !== undefined) throw failure(service, failed, models);
      pending.delete(service.name);
      tell();
      return models.map((model) => ({ ...model, service: service.name }));
    }),
  );
  await mesh.router.ready;
  const models = [...reports.flat(), ...unservedModels(settings)];
  for (const { name, state, reason, service } of models) {
    if (state !== 'READY') log.warn('model.not_ready', { model: name, service, state, reason });
  }
  // Where credentials are asked for, this process has none of its own to ask with.
  const open = settings.tlsCert === undefined && settings.tokenFile === undefined;
  if (open)
    await run.waitUntilServed(
      mesh.router.grpcAddress,
      models.filter((model) => model.state === 'READY'),
    );
  return models;
}

function failure(service: RunningService, name: string, models: readonly Omit<ServedModel, 'service'>[]): WeftError {
  const model = models.find((candidate) => candidate.name === name);
  const reason = model === undefined ? 'it is in no model repository' : model.reason || `it is ${model.state}`;
  return new WeftError('UNAVAILABLE', `the default model ${name} of ${service.name} cannot be served: ${reason}`);
}

/** `signalled` resolves at the first stop signal; a second one ends the process. */
function stopSignal(shell: Shell): { signalled: Promise<undefined>; dispose(): void } {
  let dispose = () => {};
  const signalled = new Promise<undefined>((resolve) => {
    const meaningOf = stopSignals(() => shell.now());
    dispose = shell.onStopSignal(() => {
      const meaning = meaningOf();
      if (meaning === 'first') resolve(undefined);
      else if (meaning === 'impatient') shell.exit(1);
    });
  });
  return { signalled, dispose: () => dispose() };
}
