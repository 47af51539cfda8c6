// Instants for spans: milliseconds since 1970 with fractions, comparable between the threads of one machine.
// performance.now() alone starts at another zero in every thread, and stands still while a laptop sleeps; Date.now() is
// too coarse for a batch of two milliseconds. So: the monotonic clock, set to the wall clock again when they part.

const toleranceMs = 20;
let zero = performance.timeOrigin;

export function epochMs(): number {
  const elapsed = performance.now();
  const wall = Date.now();
  if (Math.abs(zero + elapsed - wall) > toleranceMs) zero = wall - elapsed;
  return zero + elapsed;
}
