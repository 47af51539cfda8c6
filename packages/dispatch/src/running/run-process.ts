// A service as a process of its own: starts it, says what went wrong in one line, and ends it on SIGINT or SIGTERM with
// exit code 0 once what is in flight is answered. The same for every service.
import { setLogger } from '@grpc/grpc-js';
import type { LogSettings, ProbeSettings, ServerSettings } from '@weft/config';
import { formatEndpoint, weftVersion } from '@weft/config';
import { WeftError } from '@weft/errors';
import { systemClock } from '@weft/flow';
import { listenForProbes } from '@weft/rpc';
import { type Log, startTelemetry, type Telemetry } from '@weft/telemetry';
import type { RunningService } from './running-service.ts';
import { stopOnSignals } from './stop-on-signals.ts';

type ProcessSettings = LogSettings & Pick<ServerSettings, 'bind'> & ProbeSettings;

export async function runProcess<Settings extends ProcessSettings>(
  component: string,
  readSettings: () => Settings,
  start: (settings: Settings, telemetry: Pick<Telemetry, 'log' | 'tracing'>) => Promise<RunningService>,
): Promise<void> {
  try {
    const settings = readSettings();
    const telemetry = await startTelemetry({ component, version: weftVersion, ...settings });
    keepGrpcQuiet(telemetry.log);
    const starting = startWithProbes(settings, telemetry.log, () => start(settings, telemetry));
    const stop = async (): Promise<void> => {
      await (await starting).stop();
      await telemetry.stop();
    };
    const signals = stopOnSignals(process, { clock: systemClock, log: telemetry.log, stop });
    const service = await starting;
    const report = await service.ready.catch((thrown: unknown) => {
      // What is stopped while it loads may fail at that.
      if (signals.stopping) return undefined;
      throw thrown;
    });
    if (report === undefined) return;
    const { failedDefaults } = report;
    if (failedDefaults.length > 0) telemetry.log.error('service.not_ready', { failedDefaults });
    else telemetry.log.info('service.ready');
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
    process.stderr.write(`${component}: ${thrown.message}\n`);
    // Whatever is open still: a connection that is tried for ever would keep a process without a service.
    process.exit(1);
  }
}

/** The service, answering probes too for as long as it runs: one that drains has to say so. */
async function startWithProbes(
  { bind, healthPort }: ProcessSettings,
  log: Log,
  start: () => Promise<RunningService>,
): Promise<RunningService> {
  const service = await start();
  if (healthPort === undefined) return service;
  try {
    const probes = await listenForProbes(service.health, { bind, port: healthPort, log });
    log.info('probes.listening', { address: formatEndpoint({ host: bind, port: probes.port }) });
    return {
      ...service,
      async stop() {
        await service.stop();
        await probes.stop();
      },
    };
  } catch (thrown) {
    await service.stop();
    throw thrown;
  }
}

/** grpc-js writes lines of its own to stderr, beside the errors it returns: they would stand between those of the log. */
function keepGrpcQuiet(log: Log): void {
  const write = (...parts: unknown[]): void => log.debug('grpc.message', { text: parts.map(String).join(' ') });
  setLogger({ error: write, info: write, debug: write });
}
