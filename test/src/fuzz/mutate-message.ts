// Mutations of a protobuf message: of its fields, as far as its bytes can be read as such, at any depth, and of its bytes.
import { FieldReader, MalformedMessage } from '@weft/rpc';
import { field, varint } from '../hostile/hostile-bytes.ts';
import type { Random } from './random.ts';

const numbers = [
  0n,
  1n,
  2n,
  127n,
  128n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
] as const;
const texts = [
  '',
  '\0',
  '../etc',
  '__proto__',
  'triton_x',
  'sequence_start',
  'FP16',
  'x'.repeat(300),
  '\ufffd',
  'BYTES',
] as const;

export function mutateMessage(message: Buffer, random: Random): Buffer {
  let mutated = message;
  for (let rounds = 1 + random.below(3); rounds > 0; rounds--)
    mutated = random.chance(0.75) ? mutateFields(mutated, random, 0) : mutateBytes(mutated, random);
  return mutated;
}

export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.below(5)) {
    case 0:
      return head;
    case 1:
      return Buffer.concat([head, random.bytes(1 + random.below(8)), tail]);
    case 2:
      return Buffer.concat([head, tail.subarray(1 + random.below(8))]);
    case 3:
      return Buffer.concat([head, bytes.subarray(random.below(bytes.length + 1)), tail]);
    default: {
      const flipped = Buffer.from(bytes);
      for (let flips = 1 + random.below(4); flips > 0 && flipped.length > 0; flips--) {
        const octet = random.below(flipped.length);
        flipped[octet] = (flipped[octet] as number) ^ (1 << random.below(8));
      }
      return flipped;
    }
  }
}

interface Piece {
  readonly number: number;
  readonly type: number;
  /** With its tag. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** Undefined where it is no message. */
function piecesOf(message: Buffer): Piece[] | undefined {
  const pieces: Piece[] = [];
  const reader = new FieldReader(message);
  let at = 0;
  try {
    while (reader.next()) {
      const { field: number, type, start, end } = reader;
      pieces.push({ number, type, whole: message.subarray(at, end), content: message.subarray(start, end) });
      at = end;
    }
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) return undefined;
    throw thrown;
  }
  return pieces;
}

function mutateFields(message: Buffer, random: Random, depth: number): Buffer {
  const pieces = piecesOf(message);
  if (pieces === undefined || pieces.length === 0) return mutateBytes(message, random);
  const at = random.below(pieces.length);
  const chosen = pieces[at] as Piece;
  const wholes = pieces.map(({ whole }) => whole);
  wholes.splice(at, 1, ...inPlaceOf(chosen, random, depth));
  if (random.chance(0.05)) wholes.reverse();
  return Buffer.concat(wholes);
}

/** What stands there instead. */
function inPlaceOf(piece: Piece, random: Random, depth: number): readonly Buffer[] {
  const { number, whole, content, type } = piece;
  if (type === 2 && depth < 5 && content.length > 0 && random.chance(0.5))
    return [field(number, mutateFields(content, random, depth + 1))];
  switch (random.below(9)) {
    case 0:
      return [];
    case 1:
      return new Array<Buffer>(2 + random.below(3)).fill(whole);
    case 2:
      return [varint(number * 8), varint(random.pick(numbers))];
    case 3:
      return [field(number, random.pick(texts))];
    case 4:
      return [field(number, Buffer.concat([content, random.bytes(random.below(64))]))];
    case 5:
      return [field(number, content.subarray(0, random.below(content.length + 1)))];
    case 6:
      // A length that lies.
      return [varint(number * 8 + 2), varint(random.pick(numbers)), content];
    case 7:
      return [varint((random.chance(0.5) ? number : 1 + random.below(30)) * 8 + random.below(8)), content];
    default:
      return [whole, varint((1 + random.below(30)) * 8 + 3), content, varint((1 + random.below(30)) * 8 + 4)];
  }
}
