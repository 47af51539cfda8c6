// Entry of a worker whose task serves streams and does as it is told. Generate obeys its prompt:
//   `count N BYTES NAME`  N responses of so many bytes
//   `told NAME`           how many responses the stream of that name has given so far
//   `wait NAME`           one response, then waits until it is told to go on, or nobody waits
//   `after MS`            one response, after so long
//   `kill`                the worker's process ends
//   `fall`                one response, and soon after it the worker's process ends
// AnalyzeVideo gives back the number of each frame. What happens is reported on a broadcast channel.
import { setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { identityBackend } from '@weft/backend-example';
import { type StreamContext, type StreamMethod, serveInstance, type TaskFactory } from '@weft/runtime';
import { streamReports } from './stream-reports.ts';

const reports = new BroadcastChannel(streamReports);
reports.unref();
const waiting = new Map<string, () => void>();
reports.onmessage = (event) => waiting.get(String((event as Record<'data', unknown>).data).replace(/^go /, ''))?.();
const given = new Map<string, number>();

async function* generate(requests: AsyncIterable<unknown>, context: StreamContext): AsyncGenerator<object> {
  for await (const request of requests) {
    const [verb, ...words] = (request as { prompt: string }).prompt.split(' ');
    if (verb === 'count') yield* count(words);
    else if (verb === 'told') yield { generatedTokens: given.get(words[0] ?? '') ?? 0 };
    else if (verb === 'after') {
      await sleep(Number(words[0]));
      yield { text: 'after' };
    } else if (verb === 'wait') yield* wait(words[0] ?? '', context);
    else {
      if (verb === 'fall') {
        yield { text: 'fall' };
        await sleep(200);
      }
      process.kill(process.pid, 'SIGKILL');
    }
  }
}

async function* count([times, bytes, name = '']: readonly string[]): AsyncGenerator<object> {
  const text = 'x'.repeat(Number(bytes));
  for (let index = 1; index <= Number(times); index++) {
    given.set(name, index);
    yield { text, generatedTokens: index };
  }
}

async function* wait(name: string, { signal }: StreamContext): AsyncGenerator<object> {
  yield { text: name };
  reports.postMessage(`waiting ${name}`);
  await new Promise<void>((resolve) => {
    waiting.set(name, resolve);
    signal.addEventListener('abort', () => resolve());
    if (signal.aborted) resolve();
  });
  reports.postMessage(signal.aborted ? `left ${name} ${(signal.reason as { code: string }).code}` : `went ${name}`);
  signal.throwIfAborted();
  yield { text: 'went on' };
}

async function* analyze(requests: AsyncIterable<unknown>): AsyncGenerator<object> {
  for await (const request of requests) yield { frameId: (request as { frameId: number }).frameId };
}

const streams: readonly StreamMethod[] = [
  { path: '/weft.nlp.v1.NlpService/Generate', slots: 4, infer: generate },
  { path: '/weft.vision.v1.VisionService/AnalyzeVideo', slots: 4, infer: analyze },
];
const task: TaskFactory = async () => ({ methods: [], streams, warmup: async () => {} });

serveInstance({ tasks: { streams: task }, backends: { identity: async () => identityBackend } });
