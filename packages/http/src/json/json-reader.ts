// JSON read from its bytes, value by value, as the caller asks for it. A tensor of a million numbers becomes a million bytes of a
// tensor, and never a million values; integers beyond 2^53 stay exact, and NaN and Infinity are numbers, as they are to Triton:
// JSON.parse can do none of it. Depth is counted while reading, so that no body, however deep, costs more than its first 100 levels.
import { isUtf8 } from 'node:buffer';
import { invalidArgument, type WeftError } from '@weft/errors';
import { type NumberText, readNumber } from './number-text.ts';

const maxJsonDepth = 100;

export type JsonValue = string | number | bigint | boolean | null | readonly JsonValue[] | JsonObject;
/** Without a prototype: its keys are the client's alone. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const open = { object: 0x7b, array: 0x5b } as const;
const close = { object: 0x7d, array: 0x5d } as const;

export class JsonReader {
  readonly #bytes: Buffer;
  #at = 0;
  #depth = 0;

  /** Throws INVALID_ARGUMENT for what is no UTF-8: texts would lose bytes without a word. */
  constructor(bytes: Buffer) {
    if (!isUtf8(bytes)) throw invalidArgument('malformed JSON: it is no UTF-8');
    this.#bytes = bytes;
    // A byte order mark is no JSON, and yet many send one.
    if (bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
  }

  /** Of the next value; to be set back to before it is read a second time. */
  get position(): number {
    return this.#at;
  }

  set position(at: number) {
    this.#at = at;
  }

  /** What comes next, unread. */
  kind(): JsonKind {
    switch (this.#next()) {
      case open.object:
        return 'object';
      case open.array:
        return 'array';
      case quote:
        return 'string';
      case 0x74:
      case 0x66:
        return 'boolean';
      case 0x6e:
        return 'null';
      default:
        return 'number';
    }
  }

  /** Calls for each member, which must read its value. */
  object(onMember: (key: string) => void): void {
    this.#enclosed('object', () => {
      this.#expect(quote, 'a key in quotes');
      const key = this.text();
      if (key === '__proto__') throw invalidArgument(`malformed JSON: the key '${key}' is not allowed`);
      this.#expect(colon, "':'");
      this.#at++;
      onMember(key);
    });
  }

  /** Calls for each item, which must read it. */
  array(onItem: () => void): void {
    this.#enclosed('array', onItem);
  }

  text(): string {
    this.#expect(quote, 'a text in quotes');
    const start = ++this.#at;
    const bytes = this.#bytes;
    let escaped = false;
    for (let at = start; at < bytes.length; at++) {
      const octet = bytes[at] as number;
      if (octet === quote) {
        this.#at = at + 1;
        return escaped ? this.#unescape(start, at) : bytes.toString('utf8', start, at);
      }
      if (octet < 0x20) throw this.#malformed(at, 'a control character in a text');
      if (octet === backslash) {
        escaped = true;
        at++;
      }
    }
    throw this.#malformed(bytes.length, 'a text without an end');
  }

  number(): NumberText {
    this.#next();
    const found = readNumber(this.#bytes, this.#at);
    if (found === undefined) throw this.#malformed(this.#at, 'no value');
    this.#at = found.end;
    return found;
  }

  boolean(): boolean {
    const value = this.#next() === 0x74;
    this.#word(value ? 'true' : 'false');
    return value;
  }

  null(): null {
    this.#next();
    this.#word('null');
    return null;
  }

  /** The next value, whatever it is. */
  value(): JsonValue {
    switch (this.kind()) {
      case 'object': {
        const object = Object.create(null) as Record<string, JsonValue>;
        this.object((key) => {
          object[key] = this.value();
        });
        return object;
      }
      case 'array': {
        const items: JsonValue[] = [];
        this.array(() => void items.push(this.value()));
        return items;
      }
      case 'string':
        return this.text();
      case 'boolean':
        return this.boolean();
      case 'null':
        return this.null();
      case 'number':
        return this.number().value;
    }
  }

  /** Reads over the next value. */
  skip(): void {
    switch (this.kind()) {
      case 'object':
        return this.object(() => this.skip());
      case 'array':
        return this.array(() => this.skip());
      default:
        this.value();
    }
  }

  /** Nothing but blanks may follow. */
  end(): void {
    this.#skipBlanks();
    if (this.#at < this.#bytes.length) throw this.#malformed(this.#at, 'more behind the value');
  }

  #enclosed(kind: 'object' | 'array', onEach: () => void): void {
    this.#expect(open[kind], kind === 'object' ? 'an object' : 'an array');
    if (++this.#depth > maxJsonDepth)
      throw invalidArgument(`JSON nesting depth exceeds the maximum allowed limit (${maxJsonDepth})`);
    this.#at++;
    if (this.#next() !== close[kind]) {
      for (;;) {
        onEach();
        const next = this.#next();
        if (next === close[kind]) break;
        if (next !== comma) throw this.#malformed(this.#at, `neither ',' nor the end of the ${kind}`);
        this.#at++;
      }
    }
    this.#at++;
    this.#depth--;
  }

  /** The byte that the next value begins with. */
  #next(): number {
    this.#skipBlanks();
    if (this.#at >= this.#bytes.length) throw this.#malformed(this.#at, 'the end, too early');
    return this.#bytes[this.#at] as number;
  }

  #skipBlanks(): void {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      const octet = bytes[this.#at];
      if (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) return;
      this.#at++;
    }
  }

  #expect(octet: number, what: string): void {
    if (this.#next() !== octet) throw this.#malformed(this.#at, `something else than ${what}`);
  }

  #word(word: string): void {
    const end = this.#at + word.length;
    if (this.#bytes.toString('latin1', this.#at, end) !== word) throw this.#malformed(this.#at, 'no value');
    this.#at = end;
  }

  /** Escapes are rare: JSON.parse knows all of them. */
  #unescape(start: number, end: number): string {
    try {
      return JSON.parse(`"${this.#bytes.toString('utf8', start, end)}"`) as string;
    } catch {
      throw this.#malformed(start, 'an unknown escape in a text');
    }
  }

  #malformed(at: number, what: string): WeftError {
    return invalidArgument(`malformed JSON: ${what} at byte ${at}`);
  }
}
