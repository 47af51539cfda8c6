// OpenTelemetry's Prometheus exporter over our instruments, without its own server: that one cannot take port 0 and
// reports a taken port only to a global logger. Loaded on demand (70 ms).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { MetricReading } from './instruments.ts';
import { createMetricProducer } from './metric-producer.ts';

export interface ExportedMetrics {
  readonly component: string;
  readonly version: string;
  readonly metrics: Iterable<MetricReading>;
  /** Told of a metric that could not be read. */
  readonly onError: (name: string, error: unknown) => void;
}

export interface ScrapeHandler {
  answer(request: IncomingMessage, response: ServerResponse): void;
  stop(): Promise<void>;
}

export function createPrometheusExporter({ component, version, metrics, onError }: ExportedMetrics): ScrapeHandler {
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    metricProducers: [createMetricProducer(metrics, `weft.${component}`, onError)],
  });
  const resource = resourceFromAttributes({
    'service.name': `weft-${component}`,
    'service.namespace': 'weft',
    'service.version': version,
  });
  const provider = new MeterProvider({ resource, readers: [exporter] });
  return {
    answer: (request, response) => exporter.getMetricsRequestHandler(request, response),
    stop: () => provider.shutdown(),
  };
}
