import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../detection.ts';
import { ObjectTracks } from './object-tracks.ts';

function thing(label: string, x: number, y = 0): Detection {
  return { label, score: 0.9, box: { x, y, width: 20, height: 20 }, keypoints: [] };
}

const idsOf = (tracks: ObjectTracks, frame: number, ...detections: Detection[]): number[] =>
  tracks.follow(detections, frame).map(({ trackId }) => trackId);

describe('tracks', () => {
  test('keep the ids of two things that move past each other, in whatever order they are detected', () => {
    const tracks = new ObjectTracks();
    for (let frame = 0; frame <= 30; frame++) {
      const [right, left] = [thing('cat', frame * 6, 0), thing('cat', 180 - frame * 6, 4)];
      const ids = frame % 2 === 0 ? idsOf(tracks, frame, right, left) : idsOf(tracks, frame, left, right).reverse();
      assert.deepEqual(ids, [1, 2], `frame ${frame}`);
    }
  });

  test('are of one label', () => {
    const tracks = new ObjectTracks();
    assert.deepEqual(idsOf(tracks, 0, thing('cat', 0)), [1]);
    assert.deepEqual(idsOf(tracks, 1, thing('dog', 0)), [2]);
    assert.deepEqual(idsOf(tracks, 2, thing('dog', 0), thing('cat', 0)), [2, 1]);
  });

  test('follow a thing over frames that were skipped, as it moved before', () => {
    const tracks = new ObjectTracks();
    for (const frame of [0, 1, 2, 3]) idsOf(tracks, frame, thing('car', frame * 8));
    assert.deepEqual(idsOf(tracks, 9, thing('car', 72)), [1]);
  });

  test('outlive eight looks without their thing, and no more', () => {
    for (const [missed, id] of [
      [8, 1],
      [9, 2],
    ] as const) {
      const tracks = new ObjectTracks();
      idsOf(tracks, 0, thing('cat', 0));
      for (let frame = 1; frame <= missed; frame++) idsOf(tracks, frame);
      assert.deepEqual(idsOf(tracks, missed + 1, thing('cat', 0)), [id]);
    }
  });

  test('never share an id within a frame, and never use one again', () => {
    const detection = fc.record({ label: fc.constantFrom('a', 'b'), x: fc.integer({ min: 0, max: 60 }) });
    fc.assert(
      fc.property(fc.array(fc.array(detection, { maxLength: 6 }), { maxLength: 12 }), (frames) => {
        const tracks = new ObjectTracks();
        const labels = new Map<number, string>();
        for (const [frame, detections] of frames.entries()) {
          const found = tracks.follow(
            detections.map(({ label, x }) => thing(label, x)),
            frame,
          );
          assert.equal(new Set(found.map(({ trackId }) => trackId)).size, found.length);
          for (const { trackId, label } of found) {
            assert.equal(labels.get(trackId) ?? label, label);
            labels.set(trackId, label);
          }
        }
      }),
    );
  });
});
