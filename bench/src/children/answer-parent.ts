// The child's end of a bench's process: answers the bench's questions, and those that every process of a bench can be asked:
// how much CPU and memory it has used and how late its event loop was. It measures from inside, so the product needs no code for it.
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Answer, Question, Questions } from '../forked-child.ts';
import { type LoopDelay, readLoopDelay } from '../loop-delay.ts';

/** What every process of a bench can be asked. */
export type ProcessQuestions = {
  /** Microseconds of CPU so far, of all threads, in user and system mode. */
  cpuUs(): number;
  /** Bytes of memory that it holds now. */
  residentBytes(): number;
  /** Starts to measure the main event loop's delay. */
  watchLoop(): void;
  /** The delay since watchLoop; ends the measurement. */
  loopDelay(): LoopDelay;
};

/** Serves `questions` and the common ones. `stop` runs when the bench is done, or is gone. */
export function answerParent(questions: Questions, stop: () => Promise<void>): void {
  const answers: Questions = { ...questions, ...processQuestions() };
  let stopped: Promise<void> | undefined;
  const end = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };
  const reply = (message: Answer): void => {
    if (process.connected) process.send?.(message);
  };
  const answer = async ({ id, name, argument }: Question): Promise<void> => {
    try {
      const answered = name === 'stop' ? await end() : await answers[name]?.(argument as never);
      reply({ id, answer: answered });
    } catch (thrown) {
      reply({ id, failure: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
    }
  };
  process.on('message', (question: Question) => void answer(question));
  process.once('disconnect', () => void end().finally(() => process.exit(0)));
  // A terminal's interrupt reaches the whole group: the bench hears it too, and ends its children in order.
  process.on('SIGINT', () => {});
}

function processQuestions(): ProcessQuestions {
  let histogram: IntervalHistogram | undefined;
  return {
    cpuUs() {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    residentBytes: () => process.memoryUsage.rss(),
    watchLoop() {
      histogram = monitorEventLoopDelay({ resolution: 1 });
      histogram.enable();
    },
    loopDelay() {
      if (histogram === undefined) throw new Error('nobody watches the event loop');
      histogram.disable();
      return readLoopDelay(histogram);
    },
  };
}
