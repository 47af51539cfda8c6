// Tracing whose share of traced requests changes while the process runs, with Triton's settings: on or off, one request in so many,
// and so many more at most. A request that comes with a trace of its client is part of that, whatever the rate.
import type { TraceControl, TraceSettings } from './trace-control.ts';
import { noTracing, type Tracing } from './tracing.ts';

const initial: TraceSettings = { on: true, rate: 1, count: -1 };

export function adjustableTracing(tracing: Tracing): Tracing {
  let now = initial;
  let untracedInARow = 0;
  const control: TraceControl = {
    initial,
    get now() {
      return now;
    },
    change(settings) {
      now = { ...now, ...settings };
      untracedInARow = 0;
    },
  };
  const drawn = (parent: string | undefined): boolean => {
    if (!now.on || now.count === 0) return false;
    if (parent === undefined || parent === '') {
      untracedInARow += 1;
      if (untracedInARow < now.rate) return false;
      untracedInARow = 0;
    }
    if (now.count > 0) now = { ...now, count: now.count - 1 };
    return true;
  };
  const over = (inner: Tracing): Tracing => ({
    control,
    get enabled() {
      return now.on && now.count !== 0;
    },
    start: (name, parent, options) =>
      drawn(parent) ? inner.start(name, parent, options) : noTracing.start(name, parent, options),
    record: (name, parent, span) => inner.record(name, parent, span),
    forComponent: (component) => over(inner.forComponent(component)),
  });
  return over(tracing);
}
