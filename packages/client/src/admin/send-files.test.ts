import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
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
  let full = false;
  let early = 0;
  const sink: PieceSink = Object.assign(new EventEmitter(), {
    write({ piece }: { piece: Buffer }) {
      if (full) early++;
      taken += piece.length;
      full = true;
      // A slow connection: by then the next piece has been read, if anyone reads it.
      setTimeout(() => {
        full = false;
        sink.emit('drain');
      }, 10);
      return false;
    },
    end() {},
  });
  await sendFiles(sink, [{ path: 'model.onnx', file, size, sha256: '' }], new AbortController().signal);
  assert.deepEqual({ taken, early }, { taken: size, early: 0 });
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
