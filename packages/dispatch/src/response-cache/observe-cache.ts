// The metrics of the response cache.
import { systemClock } from '@weft/flow';
import type { Instruments } from '@weft/telemetry';
import type { StatisticsBook } from '../statistics/statistics-book.ts';
import type { CacheObserver } from './response-cache.ts';

export function observeCache(metrics: Instruments, statistics: StatisticsBook, bytes: () => number): CacheObserver {
  const labels = ['model', 'version'] as const;
  const hits = metrics.counter('weft_cache_hits_total', 'Requests answered from the response cache', labels);
  const misses = metrics.counter('weft_cache_misses_total', 'Requests whose answer was not in it', labels);
  const seconds = metrics.histogram('weft_cache_lookup_seconds', 'How long it took to look for an answer', {
    labels: ['model'],
    boundaries: [0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.01],
  });
  metrics.observeGauge('weft_cache_bytes', 'Memory of the answers in the response cache', {
    labels: [],
    observe: (report) => report(bytes()),
  });
  return {
    onHit({ model, version, lookupUs }) {
      hits.with(model, version).add();
      statistics.of(model, version).cached(lookupUs / 1000, systemClock.now());
      seconds.with(model).record(lookupUs / 1e6);
    },
    onMiss({ model, version, lookupUs }) {
      misses.with(model, version).add();
      statistics.of(model, version).missedCache(lookupUs / 1000);
      seconds.with(model).record(lookupUs / 1e6);
    },
  };
}
