// The metrics of one component on a port of its own: GET /metrics in Prometheus' text format. Its own MeterProvider and
// no globals, because `weft up` holds a router and several services in one process.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cannotListen, formatEndpoint } from '@weft/config';
import { createInstruments, type Instruments } from './instruments.ts';
import type { Log } from './log.ts';
import { observeRuntime } from './runtime-metrics.ts';

export interface MetricsOptions {
  readonly component: string;
  readonly version: string;
  /** Address to listen on. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where a metric that could not be read is reported. */
  readonly log?: Log | undefined;
}

export interface Metrics extends Instruments {
  readonly port: number;
  /** `http://127.0.0.1:8002/metrics` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Rejects with FAILED_PRECONDITION when it cannot listen on the port. */
export async function createMetrics(options: MetricsOptions): Promise<Metrics> {
  const { component, version, host, log } = options;
  const { createPrometheusExporter } = await import('./prometheus-exporter.ts');
  const instruments = createInstruments();
  const exporter = createPrometheusExporter({
    component,
    version,
    metrics: instruments.metrics,
    onError: (metric, error) => log?.warn('metrics.unreadable', { metric, error }),
  });
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/metrics' && (request.method === 'GET' || request.method === 'HEAD'))
      exporter.answer(request, response);
    else response.writeHead(404).end();
  });
  const port = await listen(server, options);
  const stopRuntime = observeRuntime(instruments);
  return {
    ...instruments,
    port,
    url: `http://${formatEndpoint({ host, port })}/metrics`,
    async stop() {
      stopRuntime();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await exporter.stop();
    },
  };
}

async function listen(server: Server, { component, host, port }: MetricsOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(cause, { host, port }, `the metrics of ${component}`)));
    server.listen(port, host, resolve);
  });
  // Metrics alone keep no process alive.
  server.unref();
  return (server.address() as AddressInfo).port;
}
