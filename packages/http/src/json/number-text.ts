// A JSON number where it stands among the bytes. Small integers, which most are, are read without making a text of them.

export interface NumberText {
  /** A bigint where a number would not be exact. */
  readonly value: number | bigint;
  /** Written without fraction and exponent. */
  readonly whole: boolean;
  /** Position behind it. */
  readonly end: number;
}

const zero = 0x30;
const nine = 0x39;
const minus = 0x2d;
/** Longer integers are in no datatype, and making one of a million digits takes long. */
const longestExact = 40;
/** So many digits are exact in any case. */
const exactDigits = 15;

/** Beyond JSON's grammar, the spellings that Triton's reader takes. */
const words = [
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
] as const;

const grammar = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Undefined where no number begins. */
export function readNumber(bytes: Buffer, start: number): NumberText | undefined {
  const negative = bytes[start] === minus;
  const first = negative ? start + 1 : start;
  let at = first;
  let value = 0;
  while (isDigit(bytes[at])) value = value * 10 + ((bytes[at++] as number) - zero);
  if (at === first) return readWord(bytes, start);
  if (bytes[first] === zero && at - first > 1) return undefined;
  if (!goesOn(bytes[at])) {
    if (at - first <= exactDigits) return { value: negative ? -value : value, whole: true, end: at };
    if (at - first > longestExact) return { value: negative ? -value : value, whole: false, end: at };
    return { value: exact(bytes.toString('latin1', start, at)), whole: true, end: at };
  }
  while (goesOn(bytes[at]) || isDigit(bytes[at])) at++;
  const text = bytes.toString('latin1', start, at);
  return grammar.test(text) ? { value: Number(text), whole: false, end: at } : undefined;
}

function readWord(bytes: Buffer, start: number): NumberText | undefined {
  for (const [word, value] of words) {
    const end = start + word.length;
    if (bytes.toString('latin1', start, end) === word) return { value, whole: false, end };
  }
  return undefined;
}

function exact(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && octet >= zero && octet <= nine;
}

/** Of a fraction or an exponent: . e E + - */
function goesOn(octet: number | undefined): boolean {
  return octet === 0x2e || octet === 0x65 || octet === 0x45 || octet === 0x2b || octet === minus;
}
