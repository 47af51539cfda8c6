// What the request path knows of tracing: spans that are identified by the traceparent they hand on. OpenTelemetry
// stands behind it only when traces are exported; otherwise the same calls do nothing and the client's traceparent
// passes through unchanged.

import type { TraceControl } from './trace-control.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;
export type SpanKind = 'internal' | 'server' | 'client';

export interface SpanOptions {
  readonly attributes?: SpanAttributes;
  readonly kind?: SpanKind;
  /** Spans of other traces that this one stands for: a batch links to the requests that ride in it. Traceparents. */
  readonly links?: readonly string[];
}

/** Start and end are instants of `epochMs()`. */
export interface RecordedSpan extends SpanOptions {
  readonly startMs: number;
  readonly endMs: number;
  readonly failure?: SpanFailure;
}

/** A WeftError is one. */
export interface SpanFailure {
  readonly code: string;
  readonly message: string;
}

export interface Span {
  /** To be handed on; '' when nothing is traced and the caller had none. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  end(failure?: SpanFailure): void;
}

export interface Tracing {
  /** False: nothing is recorded. The hot path asks before it gathers attributes. */
  readonly enabled: boolean;
  /** A span that starts now, below `parent` (a traceparent) or as the root of a new trace. */
  start(name: string, parent: string | undefined, options?: SpanOptions): Span;
  /** A span whose times are known only afterwards. Returns its traceparent. */
  record(name: string, parent: string | undefined, span: RecordedSpan): string;
  /** The same tracing for a component of this process: its spans carry the component's name. */
  forComponent(component: string): Tracing;
  /** What is traced, to be changed for the whole process; undefined where traces go nowhere. */
  readonly control: TraceControl | undefined;
}

const untraced: Span = spanThatPasses('');

export const noTracing: Tracing = {
  enabled: false,
  start: (_name, parent) => (parent === undefined || parent === '' ? untraced : spanThatPasses(parent)),
  record: (_name, parent) => parent ?? '',
  forComponent: () => noTracing,
  control: undefined,
};

function spanThatPasses(traceparent: string): Span {
  return { traceparent, set: nothing, end: nothing };
}

function nothing(): void {}
