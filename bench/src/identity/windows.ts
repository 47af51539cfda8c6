// When to stop measuring, as Triton's perf_analyzer does it: in windows, until three that follow each other say the same.

/** What one window of load saw of one way. */
export interface Window {
  readonly calls: number;
  readonly failures: number;
  readonly elapsedMs: number;
  readonly latenciesMs: Float64Array;
  /** Milliseconds of CPU in the window, of each process by its name. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

/** So many windows in a row must agree. */
export const agreeing = 3;
/** How far each of them may be from their mean, as a share of it. */
const tolerance = 0.1;

/** Whether the last windows agree in calls per second and in the mean latency. */
export function isStable(windows: readonly Window[]): boolean {
  const last = windows.slice(-agreeing);
  if (last.length < agreeing) return false;
  return agree(last.map(callsPerSecond)) && agree(last.map(({ latenciesMs }) => mean(latenciesMs)));
}

export function callsPerSecond({ calls, elapsedMs }: Pick<Window, 'calls' | 'elapsedMs'>): number {
  return (calls / elapsedMs) * 1000;
}

function agree(values: readonly number[]): boolean {
  const middle = mean(values);
  return values.every((value) => Math.abs(value - middle) <= tolerance * middle);
}

function mean(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
