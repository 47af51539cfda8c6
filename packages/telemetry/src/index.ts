export type { TraceControl, TraceSettings } from './trace-control.ts';
export { createMetrics, type Metrics, type MetricsOptions } from './create-metrics.ts';
export { epochMs } from './epoch-ms.ts';
export {
  createInstruments,
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
  type Instruments,
  type Observer,
  type ReadableInstruments,
} from './instruments.ts';
export {
  createLog,
  type Log,
  type LogControl,
  type LogDestination,
  type LogFields,
  type LogFormat,
  type LogLevel,
  type WrittenLevel,
} from './log.ts';
export { logFailure } from './log-failure.ts';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './start-telemetry.ts';
export { type TraceParent } from './traceparent.ts';
export {
  noTracing,
  type RecordedSpan,
  type Span,
  type SpanAttributes,
  type SpanFailure,
  type SpanKind,
  type SpanOptions,
  type Tracing,
} from './tracing.ts';
