// An SDK client as a process of its own that calls a sleeping model at a constant rate, whether or not those before are answered,
// until SIGTERM; then it waits for what is open. Tells each call on stderr (load-line.ts).
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect, WeftError } from '@weft/client';
import { wallMs } from '../testing/open-load.ts';
import { callEvent, type SdkCall } from './load-line.ts';
import { resolveByTest } from './resolve-by-test.ts';

const { values: options } = parseArgs({
  options: {
    router: { type: 'string', default: '' },
    'per-second': { type: 'string', default: '' },
    retries: { type: 'string', default: '' },
    ca: { type: 'string' },
    token: { type: 'string' },
  },
});

resolveByTest();
const betweenMs = 1000 / Number(options['per-second']);
/** Longer than anything is given up after: who fails was failed. */
const timeoutMs = 30_000;
/** Whose call waits to be tried again. */
const current = new AsyncLocalStorage<{ retries: number }>();
const client = connect(
  {
    router: options.router,
    retry: { maxRetries: Number(options.retries) },
    tls: options.ca === undefined ? undefined : { ca: readFileSync(options.ca) },
    token: options.token,
  },
  {
    now: Date.now,
    random: Math.random,
    async sleep(ms, signal) {
      const call = current.getStore();
      if (call !== undefined) call.retries += 1;
      await delay(ms, undefined, { signal });
    },
  },
);

type Answer = Pick<SdkCall, 'code' | 'text' | 'pid'>;

async function answerTo(value: number): Promise<Answer> {
  try {
    const inputs = { x: { datatype: 'FP32' as const, shape: [1, 1], elements: [value] } };
    const { outputs } = await client.infer({ model: 'sleeping', inputs }, { timeoutMs });
    const right = outputs['y']?.elements[0] === value;
    return { code: right ? 'OK' : 'WRONG_ANSWER', text: '', pid: Number(outputs['pid']?.elements[0]) };
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
    return { code: thrown.code, text: thrown.message, pid: 0 };
  }
}

async function call(dueMs: number, value: number): Promise<void> {
  const counted = { retries: 0 };
  const answer = await current.run(counted, () => answerTo(value));
  const told: SdkCall = { dueMs, answeredMs: wallMs(), ...answer, ...counted };
  process.stderr.write(`${JSON.stringify({ event: callEvent, ...told })}\n`);
}

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
const open = new Set<Promise<void>>();
const startMs = wallMs();
for (let sent = 0; !stopping.signal.aborted; ) {
  for (const nowMs = wallMs(); startMs + sent * betweenMs <= nowMs; sent += 1) {
    const made: Promise<void> = call(startMs + sent * betweenMs, sent % 1000).finally(() => open.delete(made));
    open.add(made);
  }
  await delay(startMs + sent * betweenMs - wallMs(), undefined, { signal: stopping.signal }).catch(() => {});
}
await Promise.all(open);
client.close();
