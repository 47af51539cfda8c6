// For tests: what the depot of every event log promises.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ArtifactDepot, StoredFile } from '../event-log/artifact-depot.ts';
import { type EventLogStore, type EventLogSubject, opened } from './event-log-store.ts';

type Promised = (fact: string, body: (t: TestContext, store: EventLogStore) => Promise<void>, off?: boolean) => unknown;

const MiB = 1024 * 1024;

function fileOf(content: Uint8Array): StoredFile {
  return { sha256: createHash('sha256').update(content).digest('hex'), size: content.length };
}

/** Bytes that no two places have in common, so that a piece in the wrong place is seen. */
function content(size: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = seed;
  for (let at = 0; at < words.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, size);
}

async function* pieces(bytes: Uint8Array, onPiece: (sent: number) => void = () => undefined) {
  for (let at = 0; at < bytes.length; at += 64 * 1024) {
    onPiece(at);
    // A copy, so that it is seen when somebody keeps it.
    yield Uint8Array.from(bytes.subarray(at, at + 64 * 1024));
  }
}

async function read(depot: ArtifactDepot, file: StoredFile, fromByte: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of depot.get(file, fromByte)) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

async function holdsNothing(depot: ArtifactDepot, file: StoredFile): Promise<void> {
  assert.equal(await depot.has(file), false);
  await assert.rejects(read(depot, file, 0), { code: 'NOT_FOUND' });
}

export function artifactContract({ boundedMemory }: EventLogSubject, promise: Promised): void {
  promise('an artifact is read from any byte, by another process too', async (t, store) => {
    const { artifacts } = opened(t, store);
    for (const size of [0, 1, 100_000, 9 * MiB + 7]) {
      const bytes = content(size);
      const file = fileOf(bytes);
      await holdsNothing(artifacts, file);
      await artifacts.put(file, pieces(bytes));
      const reader = opened(t, store, false).artifacts;
      assert.equal(await reader.has(file), true);
      for (const from of new Set([0, Math.floor(size / 3), Math.max(0, size - 1), size, Math.min(size, 4 * MiB)])) {
        assert.ok((await read(reader, file, from)).equals(bytes.subarray(from)), `${size} bytes from byte ${from}`);
      }
    }
  });

  promise('content that is not what its digest or size says leaves nothing', async (t, store) => {
    const { artifacts } = opened(t, store);
    const bytes = content(5 * MiB);
    const file = fileOf(bytes);
    const other = Buffer.from(bytes);
    other[4 * MiB] = 255 - (other[4 * MiB] ?? 0);
    for (const wrong of [
      other,
      bytes.subarray(1),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, bytes.subarray(0, 1)]),
    ]) {
      await assert.rejects(artifacts.put(file, pieces(wrong)), { code: 'DATA_LOSS' });
      await holdsNothing(artifacts, file);
    }
    assert.deepEqual(await store.artifactTraces(), []);
  });

  promise('an interrupted put leaves nothing, and rejects with what interrupted it', async (t, store) => {
    const { artifacts } = opened(t, store);
    const bytes = content(6 * MiB);
    const file = fileOf(bytes);
    const cause = new Error('the publisher hung up');
    const interrupted = pieces(bytes, (sent) => {
      if (sent >= 5 * MiB) throw cause;
    });
    await assert.rejects(artifacts.put(file, interrupted), (error) => error === cause);
    await holdsNothing(artifacts, file);
    assert.deepEqual(await store.artifactTraces(), []);
    await artifacts.put(file, pieces(bytes));
    assert.ok((await read(artifacts, file, 0)).equals(bytes));
  });

  promise('puts of one digest at the same time, a wrong one among them, leave it whole', async (t, store) => {
    const bytes = content(5 * MiB);
    const file = fileOf(bytes);
    const depots = [opened(t, store).artifacts, opened(t, store).artifacts];
    const settled = await Promise.allSettled([
      ...depots.map((depot) => depot.put(file, pieces(bytes))),
      ...depots.map((depot) => depot.put(file, pieces(content(5 * MiB, 2)))),
    ]);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'rejected'],
    );
    for (const depot of depots) assert.ok((await read(depot, file, 0)).equals(bytes));
    await depots[0]?.put(file, pieces(bytes));
    assert.ok((await read(opened(t, store, false).artifacts, file, MiB)).equals(bytes.subarray(MiB)));
  });

  promise(
    '30 MB go in and out without being held in memory',
    async (t, store) => {
      const { artifacts } = opened(t, store);
      const bytes = content(30 * MiB);
      const file = fileOf(bytes);
      const before = liveBufferBytes();
      let most = 0;
      const measure = (passed: number) => {
        if (passed % (2 * MiB) === 0) most = Math.max(most, liveBufferBytes() - before);
      };
      await artifacts.put(file, pieces(bytes, measure));
      let received = 0;
      const hash = createHash('sha256');
      for await (const part of artifacts.get(file, 0)) {
        hash.update(part);
        const measures = Math.floor((received + part.length) / (2 * MiB)) > Math.floor(received / (2 * MiB));
        received += part.length;
        if (measures) measure(0);
      }
      assert.equal(hash.digest('hex'), file.sha256);
      t.diagnostic(`most held: ${(most / MiB).toFixed(1)} MiB`);
      assert.ok(most < 20 * MiB, `${most} bytes were held`);
    },
    !boundedMemory,
  );
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What nobody refers to any more does not count. */
function liveBufferBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
