// Which detections of successive frames are the same thing. A track is a thing with a label, where it was last and how it moves;
// a detection continues the track of its label whose expected box it overlaps most, pair by pair, the best first (as the IOU
// tracker of Bochinski et al., AVSS 2017, with a constant velocity, because skipped frames let things move far between two looks).
// What continues nothing begins a track; a track that was not seen in several looks is forgotten.
import { type Box, type Detection, intersectionOverUnion } from '../detection.ts';

/** Least overlap, as intersection over union. */
const minOverlap = 0.3;
/** Looks without the thing, after which another one in its place is new. */
const maxMissed = 8;
/** The part of a new velocity in the kept one. */
const velocityShare = 0.5;

export type TrackedDetection = Detection & { readonly trackId: number };

interface Track {
  readonly id: number;
  readonly label: string;
  box: Box;
  /** Pixels of one frame, of the box's centre. */
  velocity: { readonly x: number; readonly y: number };
  /** The frame in which it was seen last. */
  frame: number;
  missed: number;
}

export class ObjectTracks {
  #tracks: Track[] = [];
  #lastId = 0;

  /**
   * The detections of one frame with the ids of their tracks, in their order. `frame` counts all frames of the stream, those too
   * that were not looked at.
   */
  follow(detections: readonly Detection[], frame: number): TrackedDetection[] {
    const continued = this.#match(detections, frame);
    const seen = new Set(continued.values());
    for (const track of this.#tracks) if (!seen.has(track)) track.missed++;
    this.#tracks = this.#tracks.filter(({ missed }) => missed <= maxMissed);
    return detections.map((detection, index) => {
      const known = continued.get(index);
      const track = known ?? this.#begin(detection, frame);
      if (known !== undefined) move(known, detection.box, frame);
      return { ...detection, trackId: track.id };
    });
  }

  /** Detections, by their position, → the tracks they continue; no track twice. */
  #match(detections: readonly Detection[], frame: number): Map<number, Track> {
    const pairs = this.#tracks.flatMap((track) => {
      const expected = expectedBox(track, frame);
      return detections.flatMap((detection, index) => {
        if (detection.label !== track.label) return [];
        const overlap = intersectionOverUnion(expected, detection.box);
        return overlap < minOverlap ? [] : [{ track, index, overlap }];
      });
    });
    pairs.sort((a, b) => b.overlap - a.overlap);
    const continued = new Map<number, Track>();
    const taken = new Set<Track>();
    for (const { track, index } of pairs) {
      if (continued.has(index) || taken.has(track)) continue;
      continued.set(index, track);
      taken.add(track);
    }
    return continued;
  }

  #begin({ label, box }: Detection, frame: number): Track {
    const track = { id: ++this.#lastId, label, box, velocity: { x: 0, y: 0 }, frame, missed: 0 };
    this.#tracks.push(track);
    return track;
  }
}

function expectedBox({ box, velocity, frame: last }: Track, frame: number): Box {
  const frames = frame - last;
  return { ...box, x: box.x + velocity.x * frames, y: box.y + velocity.y * frames };
}

function move(track: Track, box: Box, frame: number): void {
  const frames = Math.max(1, frame - track.frame);
  const measured = {
    x: (centre(box).x - centre(track.box).x) / frames,
    y: (centre(box).y - centre(track.box).y) / frames,
  };
  track.velocity = {
    x: (1 - velocityShare) * track.velocity.x + velocityShare * measured.x,
    y: (1 - velocityShare) * track.velocity.y + velocityShare * measured.y,
  };
  Object.assign(track, { box, frame, missed: 0 });
}

function centre({ x, y, width, height }: Box): { readonly x: number; readonly y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}
