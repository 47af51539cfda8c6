// Hands our instruments to OpenTelemetry: a MetricProducer, its extension point for metrics kept elsewhere. So the
// exporter, its text format and any later OTLP reader stay OpenTelemetry's, while recording stays a plain addition.
import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { HistogramReading, Labels, MetricReading } from './instruments.ts';

/** `onError` is told of an observer that threw: its metric is missing from that scrape, the others are not. */
export function createMetricProducer(
  metrics: Iterable<MetricReading>,
  scopeName: string,
  onError: (name: string, error: unknown) => void,
): MetricProducer {
  const startTime = hrTimeNow();
  return {
    async collect() {
      const endTime = hrTimeNow();
      const collected: MetricData[] = [];
      for (const metric of metrics) {
        try {
          collected.push(toMetricData(metric, { startTime, endTime }));
        } catch (error) {
          onError(metric.name, error);
        }
      }
      const scopeMetrics = [{ scope: { name: scopeName }, metrics: collected }];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

interface Interval {
  readonly startTime: [number, number];
  readonly endTime: [number, number];
}

function toMetricData({ name, help, read }: MetricReading, interval: Interval): MetricData {
  const metric = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const reading = read();
  if (reading.kind === 'histogram') {
    const dataPoints = reading.points.map((point) => ({
      ...interval,
      attributes: point.labels,
      value: buckets(point),
    }));
    return { ...metric, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = reading.points.map(({ labels, value }) => ({ ...interval, attributes: labels, value }));
  if (reading.kind === 'gauge') return { ...metric, dataPointType: DataPointType.GAUGE, dataPoints };
  return { ...metric, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

function buckets({ value }: { readonly labels: Labels; readonly value: HistogramReading }) {
  const { boundaries, counts, sum, count } = value;
  return { buckets: { boundaries: [...boundaries], counts: [...counts] }, sum, count };
}

function hrTimeNow(): [number, number] {
  const now = Date.now();
  return [Math.floor(now / 1000), (now % 1000) * 1e6];
}
