// A service knows that a model is READY a moment before the router has heard of it. "weft ready" is a promise that the
// first call will succeed, so the router itself is asked, over gRPC, as a client would.
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@weft/client';
import { WeftError } from '@weft/errors';

export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

const timeoutMs = 10_000;
const intervalMs = 10;

/** Resolves when the router at `router` lists all of `models` as READY. Rejects with UNAVAILABLE after ten seconds. */
export async function waitUntilServed(router: string, models: readonly NamedVersion[]): Promise<void> {
  const client = connect({ router });
  const deadline = performance.now() + timeoutMs;
  try {
    for (;;) {
      const served = new Set((await client.models.index({ readyOnly: true })).map(keyOf));
      const missing = models.filter((model) => !served.has(keyOf(model)));
      if (missing.length === 0 && (await client.server.ready())) return;
      if (performance.now() > deadline) {
        const names = missing.map((model) => model.name).join(', ');
        throw new WeftError(
          'UNAVAILABLE',
          `the router at ${router} does not serve ${names || 'anything'} after ${timeoutMs / 1000} s`,
        );
      }
      await delay(intervalMs);
    }
  } finally {
    client.close();
  }
}

function keyOf({ name, version }: NamedVersion): string {
  return JSON.stringify([name, version]);
}
