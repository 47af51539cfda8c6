import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PieceSink, sendFiles } from './send-files.ts';

test('the next piece waits until the connection has taken the last one', { timeout: 30_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-send-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'model.onnx');
  const size = 4 * 512 * 1024 + 1;
  writeFileSync(file, Buffer.alloc(size));
  let taken = 0;
  let writes = 0;
  const sink: PieceSink = Object.assign(new EventEmitter(), {
    write({ piece }: { piece: Buffer }) {
      taken += piece.length;
      writes++;
      setImmediate(() => sink.emit('written'));
      return false;
    },
    end: () => sink.emit('end'),
  });
  const sending = sendFiles(sink, [{ path: 'model.onnx', file, size, sha256: '' }], new AbortController().signal);
  for (let piece = 1; piece <= 5; piece++) {
    await once(sink, 'written');
    assert.equal(writes, piece);
    sink.emit('drain');
  }
  await sending;
  assert.equal(taken, size);
});

test('a connection that ends ends the wait for it', { timeout: 30_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-send-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'model.onnx');
  writeFileSync(file, 'x');
  const ended = new AbortController();
  const sink: PieceSink = Object.assign(new EventEmitter(), {
    write() {
      setImmediate(() => ended.abort());
      return false;
    },
    end: () => assert.fail('ended as if all were sent'),
  });
  await assert.rejects(sendFiles(sink, [{ path: 'model.onnx', file, size: 1, sha256: '' }], ended.signal), {
    name: 'AbortError',
  });
});
