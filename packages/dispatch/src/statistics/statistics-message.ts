// Statistics in the protocol's form: nanoseconds, and one entry for each model version.
import type { InferStatistics } from '@weft/rpc/messages/inference/InferStatistics';
import type { ModelStatistics } from '@weft/rpc/messages/inference/ModelStatistics';
import type { StatisticDuration } from '@weft/rpc/messages/inference/StatisticDuration';
import type { StatisticsBook } from './statistics-book.ts';
import { type DurationCount, VersionStatistics } from './version-statistics.ts';

const nothingYet = new VersionStatistics();

export function statisticsMessage(book: StatisticsBook, name: string, version: string): ModelStatistics {
  const statistics = book.find(name, version) ?? nothingYet;
  const { lastInferenceMs, rows, executions, batches, responses } = statistics;
  return {
    name,
    version,
    lastInference: lastInferenceMs === undefined ? 0 : book.wallClockMs(lastInferenceMs),
    inferenceCount: rows,
    executionCount: executions,
    inferenceStats: inferenceStats(statistics),
    batchStats: [...batches]
      .sort(([a], [b]) => a - b)
      .map(([batchSize, { count, inputMs, inferMs, outputMs }]) => ({
        batchSize,
        computeInput: { count, ns: nanoseconds(inputMs) },
        computeInfer: { count, ns: nanoseconds(inferMs) },
        computeOutput: { count, ns: nanoseconds(outputMs) },
      })),
    memoryUsage: [],
    responseStats: Object.fromEntries(
      [...responses].map(([place, response]) => [
        String(place),
        {
          computeInfer: duration(response.computeInfer),
          computeOutput: duration(response.computeOutput),
          success: duration(response.success),
          fail: duration(response.fail),
          emptyResponse: duration(response.emptyResponse),
          cancel: duration(response.cancel),
        },
      ]),
    ),
  };
}

function inferenceStats(statistics: VersionStatistics): InferStatistics {
  return {
    success: duration(statistics.success),
    fail: duration(statistics.fail),
    queue: duration(statistics.queue),
    computeInput: duration(statistics.computeInput),
    computeInfer: duration(statistics.computeInfer),
    computeOutput: duration(statistics.computeOutput),
    cacheHit: duration(statistics.cacheHit),
    cacheMiss: duration(statistics.cacheMiss),
  };
}

function duration({ count, ms }: DurationCount): StatisticDuration {
  return { count, ns: nanoseconds(ms) };
}

function nanoseconds(ms: number): number {
  return Math.max(0, Math.round(ms * 1e6));
}
