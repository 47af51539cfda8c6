// What the workers of streaming-worker.ts report, and the word that lets them go on.
import { BroadcastChannel } from 'node:worker_threads';

/** The name of the channel. */
export const streamReports = 'weft-test-streams';

export class StreamReports {
  readonly #channel = new BroadcastChannel(streamReports);
  readonly #heard: string[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor() {
    this.#channel.onmessage = (event) => {
      this.#heard.push(String((event as Record<'data', unknown>).data));
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  async hear(report: string): Promise<void> {
    while (!this.#heard.includes(report)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** A stream that waits goes on. */
  go(name: string): void {
    this.#channel.postMessage(`go ${name}`);
  }

  close(): void {
    this.#channel.close();
  }
}
