// Streams of a task that are opened in this thread.
import type { StreamContext, Task } from '@weft/runtime';

/** A stream to whose end somebody waits, or until the signal aborts. */
export function streamContext(signal: AbortSignal = new AbortController().signal): StreamContext {
  return { signal, tenant: '', throwIfGone: () => signal.throwIfAborted() };
}

/** The responses to one request of the method with this name. */
export function askStream<Response>(
  task: Task,
  name: string,
  asked: { readonly request: object; readonly context?: StreamContext },
): AsyncIterable<Response> {
  const method = task.streams?.find(({ path }) => path.endsWith(`/${name}`));
  if (method === undefined) throw new TypeError(`no stream ${name}`);
  async function* requests(): AsyncGenerator<object, void, undefined> {
    yield asked.request;
  }
  return method.infer(requests(), asked.context ?? streamContext()) as AsyncIterable<Response>;
}
