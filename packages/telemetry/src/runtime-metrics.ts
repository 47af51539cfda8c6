// What Node itself has to say: how late its event loop runs (the first sign of blocking work on the main thread), how
// busy it is, memory and CPU.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Instruments } from './instruments.ts';

const resolutionMs = 10;

/** Adds the metrics; the returned function ends the measuring. */
export function observeRuntime(instruments: Instruments): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  instruments.observeGauge('nodejs_eventloop_delay_seconds', 'Delay of the event loop since the last scrape', {
    labels: ['quantile'],
    observe(report) {
      // The timer's own period is in every sample.
      const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3) || 0;
      report(seconds(delay.percentile(50)), '0.5');
      report(seconds(delay.percentile(99)), '0.99');
      report(seconds(delay.max), '1');
      delay.reset();
    },
  });
  let earlier = performance.eventLoopUtilization();
  instruments.observeGauge(
    'nodejs_eventloop_utilization_ratio',
    'Share of time the event loop was busy since the last scrape',
    {
      labels: [],
      observe(report) {
        const now = performance.eventLoopUtilization();
        report(performance.eventLoopUtilization(now, earlier).utilization);
        earlier = now;
      },
    },
  );
  instruments.observeGauge('nodejs_memory_bytes', 'Memory of the process', {
    labels: ['kind'],
    observe(report) {
      for (const [kind, bytes] of Object.entries(process.memoryUsage())) report(bytes, kind);
    },
  });
  instruments.observeCounter('process_cpu_seconds_total', 'CPU time of the process, user and system, all threads', {
    labels: [],
    observe(report) {
      const { user, system } = process.cpuUsage();
      report((user + system) / 1e6);
    },
  });
  return () => delay.disable();
}
