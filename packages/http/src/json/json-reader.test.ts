import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { JsonReader } from './json-reader.ts';

function read(text: string | Buffer): unknown {
  const reader = new JsonReader(Buffer.from(text));
  const value = reader.value();
  reader.end();
  return value;
}

/** Prototypes do not matter, and JSON.parse rounds what is beyond 2^53. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)));
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('a JSON text', () => {
  test('is read as JSON.parse reads it, whatever it holds', () => {
    const values = fc
      .jsonValue({ noUnicodeString: false })
      .filter((value) => !JSON.stringify(value).includes('__proto__'));
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        assert.deepEqual(plain(read(text)), plain(JSON.parse(text)));
      }),
    );
  });

  test('keeps whole numbers beyond 2^53 exact', () => {
    assert.deepEqual(read('[9007199254740993, -9223372036854775808, 18446744073709551615, 9007199254740991]'), [
      9007199254740993n,
      -9223372036854775808n,
      18446744073709551615n,
      9007199254740991,
    ]);
  });

  test('may hold NaN and infinities, as Triton takes them', () => {
    assert.deepEqual(read('[NaN, Infinity, -Infinity, Inf, -Inf]'), [NaN, Infinity, -Infinity, Infinity, -Infinity]);
  });

  test('is read 100 levels deep and no deeper', () => {
    assert.doesNotThrow(() => read(nested(100)));
    assert.throws(() => read(nested(101)), { code: 'INVALID_ARGUMENT', message: /depth exceeds .*\(100\)/ });
    assert.throws(() => read('{"a":'.repeat(200_000)), /depth/);
    assert.throws(() => new JsonReader(Buffer.from(nested(101))).skip(), /depth/);
  });

  test('that is none is refused with the place', () => {
    const texts = [
      '',
      ' ',
      '{',
      '[1',
      '[1,]',
      '[,1]',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{a:1}',
      "{'a':1}",
      '[1 2]',
      '[01]',
      '[1.]',
      '[.5]',
      '[1e]',
      '[+1]',
      '[--1]',
      '[-]',
      '[1e5.5]',
      '[0x1]',
      'tru',
      'nul',
      'True',
      '[1]]',
      '{}{}',
      '"a',
      '"\\x"',
      '"\n"',
      'NAN',
      '[1-2]',
    ];
    for (const text of texts) {
      assert.throws(() => read(text), { code: 'INVALID_ARGUMENT', message: /^malformed JSON: .* at byte \d+$/ }, text);
    }
  });

  test('must be UTF-8, and must not name __proto__', () => {
    assert.throws(() => read(Buffer.from([0x22, 0xff, 0x22])), /no UTF-8/);
    for (const key of ['__proto__', '\\u005f_proto__'])
      assert.throws(() => read(`{"${key}": {"a": 1}}`), /not allowed/);
    const object = read('{"constructor": {"prototype": 1}}') as object;
    assert.equal(Object.getPrototypeOf(object), null);
    assert.equal('a' in {}, false);
  });
});
