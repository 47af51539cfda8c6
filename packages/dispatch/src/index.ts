export { DispatchEngine, type EngineObserver, type EngineOptions, type OpenAttach } from './engine.ts';
export { type FrontOptions, registerFront } from './front.ts';
export { type Inventory, stateName, whyNotReady } from './inventory.ts';
export { connectLocally, type Link, type LinkHandlers } from './link.ts';
export type { Answer, Call } from './pending-call.ts';
export { RemoteReplica, type RemoteReplicaOptions } from './remote-replica.ts';
export { runProcess } from './run-process.ts';
export type { ModelReport, ReadyReport, RunningService } from './running-service.ts';
