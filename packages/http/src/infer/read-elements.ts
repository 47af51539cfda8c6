// The `data` of a tensor, flat or nested, to the raw bytes that the protocol's binary form has. Whether there are as many elements
// as the shape asks for is for the service to say, as with bytes that came raw.
import { invalidArgument, WeftError } from '@weft/errors';
import { datatypes, isDatatype } from '@weft/tensor';
import type { JsonReader } from '../json/json-reader.ts';
import { elementWriters, type JsonDatatype } from './element-writers.ts';

export interface ElementsOptions {
  /** For messages. */
  readonly name: string;
  readonly datatype: string;
  readonly maxBytes: number;
}

/** The reader stands before the data. Throws INVALID_ARGUMENT naming the input and what does not fit. */
export function readElements(reader: JsonReader, options: ElementsOptions): Buffer {
  const { name, datatype } = options;
  if (!isDatatype(datatype)) throw invalidArgument(`input '${name}' has unknown datatype '${datatype}'`);
  if (datatype === 'FP16' || datatype === 'BF16') {
    throw invalidArgument(
      `receiving ${datatype} data via JSON is not supported. Please use the binary data format for input ${name}`,
    );
  }
  if (reader.kind() !== 'array') throw invalidArgument(`Unable to parse 'data': input '${name}' needs an array`);
  const sink = new GrowingBytes(options);
  const each = datatype === 'BYTES' ? () => writeText(reader, sink, name) : fixedElement(reader, sink, options);
  // What is nested holds elements in row-major order, as the flat form does.
  const inner = (): void => {
    if (reader.kind() === 'array') reader.array(inner);
    else each();
  };
  reader.array(inner);
  return sink.content();
}

function fixedElement(reader: JsonReader, sink: GrowingBytes, { name, datatype }: ElementsOptions): () => void {
  const { byteSize } = datatypes[datatype as JsonDatatype];
  const write = elementWriters[datatype as JsonDatatype];
  return () => {
    const start = reader.position;
    sink.reserve(byteSize);
    if (write(reader, sink.bytes, sink.at)) {
      sink.at += byteSize;
      return;
    }
    reader.position = start;
    throw invalidArgument(`Unable to parse 'data': input '${name}': ${shown(reader)} is no ${datatype}`);
  };
}

function writeText(reader: JsonReader, sink: GrowingBytes, name: string): void {
  if (reader.kind() !== 'string')
    throw invalidArgument(`Unable to parse 'data': input '${name}': ${shown(reader)} is no text`);
  const text = reader.text();
  const size = Buffer.byteLength(text);
  sink.reserve(4 + size);
  sink.bytes.writeUInt32LE(size, sink.at);
  sink.bytes.write(text, sink.at + 4, 'utf8');
  sink.at += 4 + size;
}

/** What stands there, for a message; no more of it than a person wants to read. */
function shown(reader: JsonReader): string {
  const kind = reader.kind();
  if (kind === 'object' || kind === 'array') return `an ${kind}`;
  const value = reader.value();
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value as number | bigint | boolean);
}

const firstBytes = 1024;

/** Bytes that grow as they are written, up to a limit. Not from the pool: they may be transferred between threads. */
class GrowingBytes {
  bytes = Buffer.allocUnsafeSlow(firstBytes);
  at = 0;
  readonly #maxBytes: number;

  constructor({ maxBytes }: ElementsOptions) {
    this.#maxBytes = maxBytes;
  }

  reserve(size: number): void {
    const wanted = this.at + size;
    if (wanted <= this.bytes.length) return;
    if (wanted > this.#maxBytes)
      throw new WeftError('RESOURCE_EXHAUSTED', `the request is larger than ${this.#maxBytes} bytes`);
    const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(wanted, this.bytes.length * 2), this.#maxBytes));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }

  content(): Buffer {
    return this.bytes.subarray(0, this.at);
  }
}
