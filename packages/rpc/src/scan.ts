// The router's look into a request: which model, which version, how many rows. One walk over the whole message, so
// that fields may come in any order and the last occurrence wins, exactly as in a decoder; a scanner that stopped at
// the first match would see another model than the one that answers. Everything else stays opaque bytes.
import { invalidArgument } from '@weft/errors';
import { type RequestSequence, withSequenceParameter, wrongType } from './scan-sequence.ts';
import { FieldReader, MalformedMessage } from './wire/read.ts';

export interface TypedRequestScan {
  readonly model: string;
  readonly version: string;
  readonly rows: number;
}

/** Scans a typed request: `model` is field 1, `model_version` 2; `rowsField` is the repeated field that counts rows (0: none). */
export function scanTypedRequest(message: Buffer, rowsField: number): TypedRequestScan {
  return scanning(() => {
    const reader = new FieldReader(message);
    let model = '';
    let version = '';
    let rows = 0;
    while (reader.next()) {
      if (reader.field === 1) model = reader.text();
      else if (reader.field === 2) version = reader.text();
      else if (reader.field === rowsField) rows++;
    }
    return { model, version, rows: Math.max(rows, 1) };
  });
}

export interface InferRequestScan {
  readonly model: string;
  readonly version: string;
  /** The client's own name for the request. */
  readonly id: string;
  /** Size of the first dimension of the first input; 1 without one. */
  readonly firstDimension: number;
  /** 1 is the highest, 0 the default. */
  readonly priority: number;
  /** Microseconds; 0 without one. */
  readonly timeoutUs: number;
  /** Undefined when it names no sequence and no end of one. */
  readonly sequence: RequestSequence | undefined;
}

/** Scans a ModelInferRequest of the Open Inference Protocol. */
export function scanInferRequest(message: Buffer): InferRequestScan {
  return scanning(() => {
    const reader = new FieldReader(message);
    const none = undefined as RequestSequence | undefined;
    const scan = { model: '', version: '', id: '', firstDimension: 1, priority: 0, timeoutUs: 0, sequence: none };
    let inputs = 0;
    while (reader.next()) {
      switch (reader.field) {
        case 1:
          scan.model = reader.text();
          break;
        case 2:
          scan.version = reader.text();
          break;
        case 3:
          scan.id = reader.text();
          break;
        case 4:
          scanParameter(reader.message(), scan);
          break;
        case 5:
          // No row is without a byte: what claims more is not believed, or it would count as a load that is not there.
          if (inputs++ === 0) scan.firstDimension = Math.min(firstDimension(reader.message()), message.length);
          break;
        default:
      }
    }
    return scan;
  });
}

/** The client's own name for a request that cannot be scanned, as far as it can be read; for answers that say what is wrong with it. */
export function idOfRefused(message: Buffer): string {
  let id = '';
  try {
    const reader = new FieldReader(message);
    while (reader.next()) if (reader.field === 3) id = reader.text();
  } catch (thrown) {
    if (!(thrown instanceof MalformedMessage)) throw thrown;
  }
  return id;
}

type Scanned = { -readonly [Field in keyof InferRequestScan]: InferRequestScan[Field] };

function scanParameter(entry: FieldReader, scan: Scanned): void {
  let key = '';
  let value: FieldReader | undefined;
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    else if (entry.field === 2) value = entry.message();
  }
  if (key === 'priority') scan.priority = integerParameter(value, 'priority', 'int64_param or uint64_param');
  else if (key === 'timeout') scan.timeoutUs = integerParameter(value, 'timeout', 'int64_param');
  else if (key.startsWith('sequence_')) scan.sequence = withSequenceParameter(scan.sequence, key, value);
}

function integerParameter(parameter: FieldReader | undefined, key: string, expected: string): number {
  let value: number | undefined;
  while (parameter?.next() === true) {
    // int64_param = 2, uint64_param = 5.
    const known = parameter.field === 2 || parameter.field === 5;
    value = known ? Number(BigInt.asIntN(64, parameter.varint64())) : undefined;
  }
  if (value === undefined) throw invalidArgument(wrongType(key, expected));
  return Math.max(value, 0);
}

function firstDimension(input: FieldReader): number {
  let size: number | undefined;
  while (input.next()) if (input.field === 3 && size === undefined) size = input.firstPackedVarint();
  // Negative sizes are two's complement: as unsigned numbers they are huge.
  return size === undefined || size >= 2 ** 63 ? 1 : Math.max(size, 1);
}

function scanning<Scan>(scan: () => Scan): Scan {
  try {
    return scan();
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) throw invalidArgument(`malformed request message: ${thrown.message}`);
    throw thrown;
  }
}
