// Logs and traces of one process, made once by its composition root. Logs go to stderr, so that stdout stays free for
// results. Metrics are apart (create-metrics.ts), since several components of one process have a port each.
import { pino } from 'pino';
import { adjustableTracing } from './adjustable-tracing.ts';
import { createLog, type Log, type LogDestination, type LogLevel } from './log.ts';
import { formattedDestination } from './log-text.ts';
import type { OtlpProtocol } from './otlp-tracing.ts';
import { noTracing, type Tracing } from './tracing.ts';

export interface TelemetryOptions {
  /** The process: router, nlp, …, or up for all in one. */
  readonly component: string;
  readonly version: string;
  readonly logLevel?: LogLevel | undefined;
  /** `auto`: text on a terminal, JSON elsewhere. */
  readonly logFormat?: 'json' | 'text' | 'auto' | undefined;
  /** Where traces go; without it the SDK is not even loaded. */
  readonly otlpEndpoint?: string | undefined;
  readonly otlpProtocol?: OtlpProtocol | undefined;
  /** Instead of stderr. */
  readonly destination?: LogDestination | undefined;
}

export interface Telemetry {
  readonly log: Log;
  readonly tracing: Tracing;
  /** Log and tracing under the name of a component that shares this process. */
  readonly forComponent: (component: string) => Pick<Telemetry, 'log' | 'tracing'>;
  /** Exports what is left, for at most three seconds. */
  readonly stop: () => Promise<void>;
}

const stopTimeoutMs = 3_000;

export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const root = createLog({ level: options.logLevel ?? 'info', fields: {}, destination: destinationOf(options) });
  const log = root.child({ component: options.component });
  const otlp = await startExport(options, log);
  const tracing = otlp === undefined ? noTracing : adjustableTracing(otlp.tracing);
  return {
    log,
    tracing,
    forComponent: (component) => ({ log: root.child({ component }), tracing: tracing.forComponent(component) }),
    async stop() {
      if (otlp !== undefined) await within(stopTimeoutMs, otlp.stop());
    },
  };
}

async function startExport({ component, version, otlpEndpoint, otlpProtocol }: TelemetryOptions, log: Log) {
  if (otlpEndpoint === undefined || otlpEndpoint === '') return undefined;
  const { startOtlpTracing } = await import('./otlp-tracing.ts');
  const protocol = otlpProtocol ?? 'http/protobuf';
  return await startOtlpTracing({ endpoint: otlpEndpoint, protocol, component, version, log });
}

function destinationOf({ logFormat = 'auto', destination }: TelemetryOptions): LogDestination {
  // Synchronous, so that the last lines before a crash are not lost.
  const target = destination ?? pino.destination({ dest: 2, sync: true });
  const text = logFormat === 'text' || (logFormat === 'auto' && destination === undefined && process.stderr.isTTY);
  return formattedDestination(target, text ? 'text' : 'json', process.stderr.isTTY && process.stderr.hasColors());
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  // A collector that is away must not fail the stop: the failure is reported in the log by then.
  await Promise.race([work.catch(() => {}), timeout]).finally(() => clearTimeout(timer));
}
