// Which images may share a run of a model that takes several of one size: those of equal size, as many as a limit on the
// pixels of a run allows. Memory grows with those pixels, and on a processor time does too.

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The images of each run, by their positions. No run of several images has more than `maxPixels`, all its images
 * together; a larger image runs alone.
 */
export function planImageRuns(images: readonly ImageSize[], maxPixels: number): number[][] {
  const bySize = new Map<string, number[]>();
  for (const [index, { width, height }] of images.entries()) {
    const size = `${width}×${height}`;
    bySize.set(size, [...(bySize.get(size) ?? []), index]);
  }
  return [...bySize.values()].flatMap((alike) => {
    const { width, height } = images[alike[0] as number] as ImageSize;
    const perRun = Math.max(1, Math.floor(maxPixels / (width * height)));
    return Array.from({ length: Math.ceil(alike.length / perRun) }, (_, run) =>
      alike.slice(run * perRun, (run + 1) * perRun),
    );
  });
}
