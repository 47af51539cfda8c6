// The reserved parameters that make a request part of a sequence: `sequence_id`, `sequence_start` and `sequence_end`. Each
// may occur again, and in a parameter the last value counts, as in the decoder.
import { invalidArgument } from '@weft/errors';
import type { SequenceId } from './executor/item-sequence.ts';
import type { FieldReader } from './wire/read.ts';

/** What a request says of the sequence that it is part of. */
export interface RequestSequence {
  /** Undefined when it names none: 0 and the empty text are no names. */
  readonly id: SequenceId | undefined;
  readonly start: boolean;
  readonly end: boolean;
}

/** In characters; longer ids are refused. */
const longestId = 128;
const nothingSaid: RequestSequence = { id: undefined, start: false, end: false };

/** What is said with this parameter too, whose value is an InferParameter. Throws INVALID_ARGUMENT for one of another type. */
export function withSequenceParameter(
  before: RequestSequence | undefined,
  key: string,
  value: FieldReader | undefined,
): RequestSequence | undefined {
  const said = before ?? nothingSaid;
  switch (key) {
    case 'sequence_id':
      return { ...said, id: idOf(value) };
    case 'sequence_start':
      return { ...said, start: flagOf(key, value) };
    case 'sequence_end':
      return { ...said, end: flagOf(key, value) };
    default:
      return before;
  }
}

function idOf(parameter: FieldReader | undefined): SequenceId | undefined {
  let id: SequenceId | undefined;
  let known = false;
  while (parameter?.next() === true) {
    known = parameter.field === 2 || parameter.field === 3 || parameter.field === 5;
    // int64_param = 2 (a negative one counts by its bits), string_param = 3, uint64_param = 5.
    if (parameter.field === 3) id = parameter.text();
    else if (known) id = parameter.varint64();
  }
  if (!known) throw invalidArgument(wrongType('sequence_id', 'int64_param or string_param'));
  if (typeof id === 'string' && id.length > longestId)
    throw invalidArgument(`sequence_id must have at most ${longestId} characters, got ${id.length}`);
  return id === 0n || id === '' ? undefined : id;
}

function flagOf(key: string, parameter: FieldReader | undefined): boolean {
  let flag: boolean | undefined;
  // bool_param = 1.
  while (parameter?.next() === true) {
    if (parameter.field === 1) parameter.expect(0);
    flag = parameter.field === 1 ? parameter.varint !== 0 : undefined;
  }
  if (flag === undefined) throw invalidArgument(wrongType(key, 'bool_param'));
  return flag;
}

/** Triton's words. */
export function wrongType(key: string, expected: string): string {
  return `invalid value type for '${key}' parameter, expected ${expected}.`;
}
