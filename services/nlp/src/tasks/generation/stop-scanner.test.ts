import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StopScanner } from './stop-scanner.ts';

function scan(stops: readonly string[], pieces: readonly string[]): { text: string; stopped: boolean } {
  const scanner = new StopScanner(stops);
  let text = '';
  for (const piece of pieces) {
    const scanned = scanner.push(piece);
    text += scanned.text;
    if (scanned.stopped) return { text, stopped: true };
  }
  return { text: text + scanner.flush(), stopped: false };
}

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });

test('text ends before the first stop string, however it is cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(stop, { maxLength: 3 }), fc.array(letters, { maxLength: 8 }), (stops, pieces) => {
      const whole = pieces.join('');
      const ends = stops.map((one) => whole.indexOf(one)).filter((at) => at >= 0);
      const scanned = scan(stops, pieces);
      assert.equal(scanned.stopped, ends.length > 0);
      // Of two that overlap the one that is whole first counts, which the pieces decide.
      const expected = ends.length === 0 ? [whole] : ends.map((end) => whole.slice(0, end));
      assert.ok(expected.includes(scanned.text), JSON.stringify(scanned));
    }),
  );
});

test('nothing is sent that may begin a stop string, and it is sent once it does not', () => {
  const scanner = new StopScanner(['\n\nQ:', 'END']);
  assert.deepEqual(scanner.push('one\n'), { text: 'one', stopped: false });
  assert.deepEqual(scanner.push('\nQ'), { text: '', stopped: false });
  assert.deepEqual(scanner.push(' two EN'), { text: '\n\nQ two ', stopped: false });
  assert.deepEqual(scanner.push('D and more'), { text: '', stopped: true });
});

test('what was held back is given when nothing more comes', () => {
  const scanner = new StopScanner(['END']);
  assert.equal(scanner.push('the E').text, 'the ');
  assert.equal(scanner.flush(), 'E');
  assert.equal(scanner.flush(), '');
});
