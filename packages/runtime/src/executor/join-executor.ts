// Makes a service its own replica: states and streams as over the network, without it.
import { connectLocally, type DispatchEngine } from '@weft/dispatch';
import { encodeOpen, rpcMethod } from '@weft/rpc';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { Executor } from './executor.ts';

const localReplica = 'local';

export function joinExecutor(engine: DispatchEngine, executor: Executor): void {
  engine.pipes.reach(localReplica, (start, listener) => executor.pipe(start, listener));
  const watch = rpcMethod('/weft.executor.v1.Executor/Watch');
  executor.watch((state) => {
    // Through the codec, so that both ways give the same form.
    const decoded = watch.decodeResponse(watch.encodeResponse(state)) as ReplicaState__Output;
    engine.updateReplica(localReplica, decoded, (model, handlers) => {
      const link = connectLocally(handlers, (far) => executor.accept(far));
      link.send(encodeOpen(localReplica, model));
      return link;
    });
  });
}
