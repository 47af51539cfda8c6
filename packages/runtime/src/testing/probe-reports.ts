// For tests: hears what probe workers report, and lets those go on that wait.
import { BroadcastChannel } from 'node:worker_threads';

export class ProbeReports {
  readonly heard: string[] = [];
  readonly #channel = new BroadcastChannel('weft-probe');
  #wake: () => void = () => {};

  constructor() {
    this.#channel.onmessage = (event) => {
      this.heard.push(String((event as Record<'data', unknown>).data));
      this.#wake();
    };
  }

  /** Resolves once this was reported, `times` times. */
  async hear(report: string, times = 1): Promise<void> {
    while (this.heard.filter((other) => other === report).length < times) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The worker that waits goes on. */
  go(): void {
    this.#channel.postMessage('go');
  }

  close(): void {
    this.#channel.close();
  }
}
