// Tracing by OpenTelemetry's Node SDK, exported by OTLP. Loaded only when an endpoint is configured, since the SDK takes
// about 300 ms to import. Spans are made by hand at the few places that matter; auto-instrumentation would need a loader
// hook and slow every call. The SDK reads its own standard variables (sampler, headers, resource attributes) itself.
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  type Link,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind as OtelSpanKind,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { epochMs } from './epoch-ms.ts';
import type { Log } from './log.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import type { Span, SpanFailure, SpanKind, SpanOptions, Tracing } from './tracing.ts';

export type OtlpProtocol = 'http/protobuf' | 'grpc';

export interface OtlpOptions {
  readonly endpoint: string;
  readonly protocol: OtlpProtocol;
  readonly component: string;
  readonly version: string;
  /** Where failing exports are reported. */
  readonly log: Log;
}

export interface OtlpTracing {
  readonly tracing: Tracing;
  /** Exports what is left. */
  stop(): Promise<void>;
}

export async function startOtlpTracing(options: OtlpOptions): Promise<OtlpTracing> {
  reportFailures(options.log);
  const sdk = new NodeSDK({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.namespace': 'weft', 'service.version': options.version }),
    ),
    serviceName: `weft-${options.component}`,
    traceExporter: await createExporter(options),
    // Metrics and logs go other ways; left out, the SDK would export both.
    metricReaders: [],
    logRecordProcessors: [],
    textMapPropagator: null,
  });
  sdk.start();
  return {
    tracing: createTracing(options.component),
    async stop() {
      await sdk.shutdown();
      trace.disable();
      diag.disable();
    },
  };
}

async function createExporter({ endpoint, protocol }: OtlpOptions): Promise<NodeSDKConfiguration['traceExporter']> {
  if (protocol === 'grpc') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
    return new OTLPTraceExporter({ url: endpoint });
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
}

function reportFailures(log: Log): void {
  const report = (message: string) => log.warn('tracing.failed', { message });
  const ignore = () => {};
  const logger = { error: report, warn: report, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

function createTracing(component: string): Tracing {
  const tracer = trace.getTracer(`weft.${component}`);
  return {
    enabled: true,
    start: (name, parent, options) =>
      spanOn(begin(tracer, name, { ...options, component, parent, startMs: epochMs() })),
    record(name, parent, span) {
      const recorded = begin(tracer, name, { ...span, component, parent });
      fail(recorded, span.failure);
      recorded.end(hrTime(span.endMs));
      return traceparentOf(recorded);
    },
    forComponent: createTracing,
    control: undefined,
  };
}

interface Beginning extends SpanOptions {
  readonly component: string;
  readonly parent: string | undefined;
  readonly startMs: number;
}

function begin(
  tracer: Tracer,
  name: string,
  { component, parent, startMs, attributes, kind, links }: Beginning,
): OtelSpan {
  return tracer.startSpan(
    name,
    {
      startTime: hrTime(startMs),
      kind: kinds[kind ?? 'internal'],
      attributes: { 'weft.component': component, ...attributes } satisfies Attributes,
      ...(links === undefined ? {} : { links: links.flatMap(linkTo) }),
    },
    contextBelow(parent),
  );
}

const kinds: Readonly<Record<SpanKind, OtelSpanKind>> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
};

function spanOn(span: OtelSpan): Span {
  return {
    traceparent: traceparentOf(span),
    set: (attributes) => span.setAttributes(attributes),
    end(failure) {
      fail(span, failure);
      span.end(hrTime(epochMs()));
    },
  };
}

function fail(span: OtelSpan, failure: SpanFailure | undefined): void {
  if (failure === undefined) return;
  span.setAttribute('error.type', failure.code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
}

function contextBelow(parent: string | undefined): Context {
  const context = remoteContext(parent);
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}

function linkTo(traceparent: string): readonly Link[] {
  const context = remoteContext(traceparent);
  return context === undefined ? [] : [{ context }];
}

function remoteContext(traceparent: string | undefined): SpanContext | undefined {
  const parsed = parseTraceparent(traceparent);
  if (parsed === undefined) return undefined;
  const { traceId, spanId, sampled } = parsed;
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 });
}

/** OpenTelemetry's seconds and nanoseconds; a bare number it might take for an offset within the process. */
function hrTime(epochMilliseconds: number): [number, number] {
  const seconds = Math.floor(epochMilliseconds / 1000);
  return [seconds, Math.round((epochMilliseconds - seconds * 1000) * 1e6)];
}
