// Takes traces as a collector would, by OTLP over HTTP, and keeps the spans.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FieldReader } from '@weft/rpc';

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Empty unless it failed. */
  readonly failure: string;
}

export interface OtlpReceiver {
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  stop(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      for (const resource of contents(body, 1)) {
        for (const scope of contents(resource, 2)) spans.push(...contents(scope, 2).map(readSpan));
      }
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readSpan(span: Buffer): ReceivedSpan {
  const hex = (field: number) => contents(span, field)[0]?.toString('hex') ?? '';
  const instantMs = (field: number) => Number(contents(span, field)[0]?.readBigUInt64LE() ?? 0n) / 1e6;
  return {
    name: String(contents(span, 5)[0] ?? ''),
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4),
    startMs: instantMs(7),
    endMs: instantMs(8),
    attributes: Object.fromEntries(contents(span, 9).map(readAttribute)),
    failure: String(contents(contents(span, 15)[0] ?? Buffer.alloc(0), 2)[0] ?? ''),
  };
}

/** Text as it is, whole numbers in digits. */
function readAttribute(pair: Buffer): [string, string] {
  const value = contents(pair, 2)[0] ?? Buffer.alloc(0);
  const reader = new FieldReader(value);
  const text = !reader.next() ? '' : reader.field === 1 ? reader.text() : String(reader.varint);
  return [String(contents(pair, 1)[0] ?? ''), text];
}

/** The contents of every occurrence of a field. */
function contents(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  const reader = new FieldReader(message);
  while (reader.next()) if (reader.field === field) found.push(message.subarray(reader.start, reader.end));
  return found;
}
