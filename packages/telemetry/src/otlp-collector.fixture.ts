// A collector for tests: takes OTLP over HTTP (protobuf) or gRPC on a free port and keeps the spans it was sent. The few
// fields of the protocol that tests look at are picked from the wire form by number.
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server, type Http2Session } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Trace and span ids of links. */
  readonly links: readonly string[];
  /** '' unless the span failed. */
  readonly failure: string;
}

export interface Collector {
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  stop(): Promise<void>;
}

export async function startHttpCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const accepted = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
      if (accepted) spans.push(...spansOf(Buffer.concat(chunks)));
      response.writeHead(accepted ? 200 : 404).end();
    });
  });
  return listening(server, spans, () => server.closeAllConnections());
}

export async function startGrpcCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const sessions = new Set<Http2Session>();
  const server = createHttp2Server();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const accepted = headers[':path'] === '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
      // Five bytes of frame stand before the message, and before the empty one that answers.
      if (accepted) spans.push(...spansOf(Buffer.concat(chunks).subarray(5)));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': accepted ? '0' : '12' }));
      stream.end(Buffer.alloc(5));
    });
  });
  return listening(server, spans, () => {
    for (const session of sessions) session.destroy();
  });
}

async function listening(server: Server, spans: readonly CollectedSpan[], closeAll: () => void): Promise<Collector> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async stop() {
      closeAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansOf(request: Buffer): readonly CollectedSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const service = attributesOf(messages(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1)['service.name'] ?? '';
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => spanOf(span, service)),
    );
  });
}

function spanOf(span: Buffer, service: string): CollectedSpan {
  const hex = (field: number) => messages(span, field)[0]?.toString('hex') ?? '';
  const instant = (field: number) =>
    Number(BigInt(fieldsOf(span).find(([number]) => number === field)?.[1] as bigint)) / 1e6;
  const [status = Buffer.alloc(0)] = messages(span, 15);
  return {
    service,
    name: text(messages(span, 5)[0]),
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4),
    kind: Number(fieldsOf(span).find(([number]) => number === 6)?.[1] ?? 0),
    startMs: instant(7),
    endMs: instant(8),
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map(
      (link) => `${messages(link, 1)[0]?.toString('hex')}-${messages(link, 2)[0]?.toString('hex')}`,
    ),
    failure: text(messages(status, 2)[0]),
  };
}

/** String values as they are, numbers and booleans as text. */
function attributesOf(message: Buffer, field: number): Readonly<Record<string, string>> {
  const pairs = messages(message, field).map((pair) => {
    const [, value] = fieldsOf(messages(pair, 2)[0] ?? Buffer.alloc(0))[0] ?? [];
    return [text(messages(pair, 1)[0]), Buffer.isBuffer(value) ? value.toString() : String(value)];
  });
  return Object.fromEntries(pairs);
}

function messages(message: Buffer, field: number): readonly Buffer[] {
  return fieldsOf(message).flatMap(([number, value]) => (number === field && Buffer.isBuffer(value) ? [value] : []));
}

function text(bytes: Buffer | undefined): string {
  return bytes?.toString() ?? '';
}

/** Number and value of each field: varint and fixed64 as bigint, length-delimited as bytes. */
function fieldsOf(message: Buffer): readonly (readonly [number, bigint | Buffer])[] {
  const fields: [number, bigint | Buffer][] = [];
  let position = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(position++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (bytes: number) => {
    position += bytes;
    return message.subarray(position - bytes, position);
  };
  while (position < message.length) {
    const tag = Number(varint());
    const type = tag & 7;
    if (type === 0) fields.push([tag >>> 3, varint()]);
    else if (type === 1) fields.push([tag >>> 3, take(8).readBigUInt64LE()]);
    else if (type === 2) fields.push([tag >>> 3, take(Number(varint()))]);
    else if (type === 5) fields.push([tag >>> 3, BigInt(take(4).readUInt32LE())]);
    else throw new Error(`wire type ${type}`);
  }
  return fields;
}
