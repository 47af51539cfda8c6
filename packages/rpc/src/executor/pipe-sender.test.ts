import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Reassembler } from './fragments.ts';
import { decodePipeRequest, encodePipeHalfClose, pipeMessageFields, type PipeRequestPart } from './pipe-message.ts';
import { PipeSender } from './pipe-sender.ts';

/** A sender over a transport that holds what is written until it is told to let it go. */
function sender() {
  const written: Buffer[] = [];
  const leaving: (() => void)[] = [];
  const unsent = { bytes: 0, most: 0 };
  let rooms = 0;
  const out = new PipeSender({
    write(bytes, onLeft) {
      written.push(bytes);
      leaving.push(onLeft);
    },
    field: pipeMessageFields.request,
    onRoom: () => void rooms++,
    onUnsent(change) {
      unsent.bytes += change;
      unsent.most = Math.max(unsent.most, unsent.bytes);
    },
  });
  return {
    out,
    written,
    unsent,
    rooms: () => rooms,
    /** The one that is on its way leaves. */
    leave: () => leaving.shift()?.(),
  };
}

/** What the other end reads: sizes of messages, and the kinds of other parts. */
function read(written: readonly Buffer[]): (number | string)[] {
  const reassembler = new Reassembler(1e9);
  const told = (part: PipeRequestPart): (number | string)[] => {
    if (part.kind === 'message') return [part.bytes.length];
    if (part.kind !== 'fragment') return [part.kind];
    const whole = reassembler.add(part.piece, part.last);
    return whole === undefined ? [] : decodePipeRequest(whole).flatMap(told);
  };
  return written.flatMap((bytes) => decodePipeRequest(bytes).flatMap(told));
}

describe('what leaves on a pipe', () => {
  test('a message leaves at once; those that come meanwhile leave together', () => {
    const { out, written, leave } = sender();
    for (const size of [1, 2, 3]) out.send(Buffer.alloc(size));
    out.put(encodePipeHalfClose());
    assert.deepEqual(read(written), [1]);
    leave();
    assert.equal(written.length, 2);
    assert.deepEqual(read(written), [1, 2, 3, 'half_close']);
  });

  test('a part that goes along leaves with the first message', () => {
    const { out, written } = sender();
    out.put(encodePipeHalfClose(), true);
    assert.equal(written.length, 0);
    out.send(Buffer.alloc(5));
    assert.deepEqual(read(written), ['half_close', 5]);
    assert.equal(written.length, 1);
  });

  test('a message over 4 MiB leaves in pieces, alone, and there is room again after the last', () => {
    const { out, written, leave, rooms, unsent } = sender();
    assert.equal(out.send(Buffer.alloc(9_000_000)), false);
    assert.equal(out.send(Buffer.alloc(10)), false);
    for (let pieces = 0; pieces < 3; pieces++) {
      assert.equal(rooms(), 0);
      leave();
    }
    assert.equal(rooms(), 1);
    leave();
    assert.deepEqual([read(written), written.length, unsent.bytes], [[9_000_000, 10], 4, 0]);
  });

  test('order is kept, little leaves together, and no more than the window and a message is held', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 }), fc.nat(3), (sizes, lag) => {
        const { out, written, leave, unsent, rooms } = sender();
        let sent = 0;
        for (const size of sizes) {
          const before = rooms();
          const room = out.send(Buffer.alloc(size));
          for (let turn = 0; turn < lag; turn++) leave();
          while (!room && rooms() === before) leave();
          sent++;
        }
        for (let turn = 0; turn < sent; turn++) leave();
        assert.deepEqual(read(written), sizes);
        assert.equal(unsent.bytes, 0);
        assert.ok(unsent.most <= 16 * 1024 + 40_000);
        for (const bytes of written)
          assert.ok(bytes.length <= 17_000 || decodePipeRequest(bytes).length === 1, `${bytes.length} bytes`);
      }),
    );
  });

  test('after its end nothing is held or counted', () => {
    const { out, leave, unsent, rooms, written } = sender();
    while (out.send(Buffer.alloc(10_000)));
    out.close();
    leave();
    assert.deepEqual([unsent.bytes, rooms(), out.send(Buffer.alloc(1)), written.length], [0, 0, false, 1]);
  });
});
