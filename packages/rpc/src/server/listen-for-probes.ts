// A second listener beside a server that may speak TLS only: it answers grpc.health.v1 and nothing else, in the clear. An
// orchestrator's probes can show neither certificates nor tokens, and health is open to everybody anyway.
import { ServerCredentials } from '@grpc/grpc-js';
import type { Log } from '@weft/telemetry';
import { createGate } from '../gate/gate.ts';
import { createTokenStore } from '../gate/token-store.ts';
import type { Health } from './health.ts';
import { RpcServer } from './rpc-server.ts';

export interface ProbeListener {
  readonly port: number;
  stop(): Promise<void>;
}

/** Rejects with FAILED_PRECONDITION when the address is taken. */
export async function listenForProbes(
  health: Pick<Health, 'register'>,
  { bind, port, log }: { readonly bind: string; readonly port: number; readonly log: Log },
): Promise<ProbeListener> {
  const server = new RpcServer({
    gate: createGate({ boundToLoopback: false, tokens: createTokenStore(() => []) }),
    credentials: ServerCredentials.createInsecure(),
    maxMessageBytes,
    log,
  });
  health.register(server);
  const bound = await server.listen(bind, port);
  return { port: bound, stop: () => server.stop(lastWordMs) };
}

/** The name of a service or a model. */
const maxMessageBytes = 64 * 1024;
/** A probe that is being answered gets this long to hear it. */
const lastWordMs = 500;
