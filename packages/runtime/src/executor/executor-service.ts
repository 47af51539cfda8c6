// The executor over the network: Watch, Attach and Pipe on a service's gRPC server.
import type { Link } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { linkedAbort } from '@weft/flow';
import { cancelPipePath, MessageSender, pipeIdKey, pipePath, type RawStream, type RpcServer } from '@weft/rpc';
import type { CancelPipeRequest__Output } from '@weft/rpc/messages/weft/executor/v1/CancelPipeRequest';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { WatchRequest__Output } from '@weft/rpc/messages/weft/executor/v1/WatchRequest';
import type { Executor } from './executor.ts';
import { ServedPipe } from './served-pipe.ts';

export function registerExecutor(server: RpcServer, executor: Executor): void {
  server.serverStream<WatchRequest__Output, ReplicaState>(
    '/weft.executor.v1.Executor/Watch',
    (_request, _context, signal) => states(executor, signal),
  );
  server.rawBidi('/weft.executor.v1.Executor/Attach', (stream) => {
    const handlers = executor.accept(linkOver(stream));
    stream.on('data', (message: Buffer) => handlers.onMessage(message));
    stream.once('end', () => {
      handlers.onClosed('the router ended the stream');
      stream.end();
    });
    stream.once('cancelled', () => handlers.onClosed('the router is gone'));
  });
  registerPipes(server, executor);
}

function registerPipes(server: RpcServer, executor: Executor): void {
  /** Those that run, by the ids that their routers gave them. */
  const running = new Map<string, ServedPipe>();
  const report = (thrown: unknown): WeftError => server.report(pipePath, thrown);
  server.stream(pipePath, (stream) => {
    const id = String(stream.context.metadata.get(pipeIdKey)[0] ?? '');
    const pipe = new ServedPipe(stream, {
      executor,
      report,
      onUnsent: server.onUnsent,
      onOver: () => void running.delete(id),
    });
    if (id !== '') running.set(id, pipe);
    pipe.begin();
  });
  server.unary(cancelPipePath, ({ pipeId }: CancelPipeRequest__Output) => {
    const pipe = running.get(pipeId);
    if (pipe === undefined) throw new WeftError('NOT_FOUND', 'there is no such pipe');
    pipe.cancel();
    return {};
  });
}

function linkOver(stream: RawStream): Link {
  let open = true;
  stream.once('cancelled', () => {
    open = false;
  });
  const sender = new MessageSender((bytes, onGone) => {
    if (open) stream.write(bytes, onGone);
  });
  let closed = false;
  return {
    send(message) {
      if (!closed) sender.send(message);
    },
    close() {
      closed = true;
      // The answers of a service that stops are on their way.
      sender.whenSent(() => {
        if (!open) return;
        open = false;
        stream.end();
      });
    },
  };
}

/**
 * The newest state whenever there is one, until the executor has drained; states that were overtaken while the stream was
 * busy are left out.
 */
async function* states(executor: Executor, signal: AbortSignal): AsyncIterable<ReplicaState> {
  let latest: ReplicaState | undefined;
  let wake: () => void = () => {};
  const either = linkedAbort(signal, executor.ended);
  const ended = either.signal;
  ended.addEventListener('abort', () => wake());
  const unwatch = executor.watch((state) => {
    latest = state;
    wake();
  });
  try {
    while (!ended.aborted) {
      if (latest === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const state = latest;
      latest = undefined;
      yield state;
    }
  } finally {
    unwatch();
    either.release();
  }
}
