// Follows one endpoint: opens Watch on a connection of its own, hands every state to the engine, opens Attach streams on a
// second connection, and starts over when the replica is lost.
import type { Client, ClientReadableStream } from '@grpc/grpc-js';
import type { Clock } from '@weft/flow';
import { type DialCredentials, encodeOpen, openChannel, openRawBidi, openServerStream, rpcMethod } from '@weft/rpc';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { Log } from '@weft/telemetry';
import type { DispatchEngine } from './engine.ts';
import type { Link, LinkHandlers } from './link.ts';

export interface RemoteReplicaOptions {
  /** host:port */
  readonly endpoint: string;
  readonly routerId: string;
  readonly credentials: DialCredentials;
  readonly engine: DispatchEngine;
  readonly clock: Clock;
  readonly log: Log;
  /** The first state has come, or the first attempt has failed. */
  readonly onFirstContact: () => void;
}

const firstRetryMs = 100;
const lastRetryMs = 3_000;

export class RemoteReplica {
  readonly #options: RemoteReplicaOptions;
  readonly #watchChannel: Client;
  readonly #attachChannel: Client;
  #watch: ClientReadableStream<ReplicaState__Output> | undefined;
  #retryMs = firstRetryMs;
  #stopped = false;
  #cancelRetry: () => void = () => {};
  #connected = false;
  /** Why it was last not there: told once, not at every attempt. */
  #absence = '';

  constructor(options: RemoteReplicaOptions) {
    this.#options = options;
    this.#watchChannel = openChannel(options.endpoint, options.credentials.credentials);
    this.#attachChannel = openChannel(options.endpoint, options.credentials.credentials);
  }

  get connected(): boolean {
    return this.#connected;
  }

  start(): void {
    const { credentials, routerId } = this.#options;
    const method = rpcMethod('/weft.executor.v1.Executor/Watch');
    const watch = openServerStream<ReplicaState__Output>(this.#watchChannel, {
      method,
      request: { routerId },
      metadata: credentials.callMetadata(),
    });
    this.#watch = watch;
    watch.on('data', (state: ReplicaState__Output) => this.#report(state));
    watch.once('error', (error) => this.#lost(watch, error.message));
    watch.once('end', () => this.#lost(watch, 'the replica ended its report'));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
    // First of all: the engine must not attach again over channels that are closed.
    this.#options.engine.loseReplica(this.#options.endpoint);
    this.#watch?.cancel();
    this.#watchChannel.close();
    this.#attachChannel.close();
  }

  #report(state: ReplicaState__Output): void {
    const { engine, endpoint, log, onFirstContact } = this.#options;
    if (!this.#connected) log.info('replica.connected', { endpoint, service: state.service, replica: state.replicaId });
    this.#connected = true;
    this.#absence = '';
    this.#retryMs = firstRetryMs;
    engine.updateReplica(endpoint, state, (model, handlers) => this.#attach(model, handlers));
    onFirstContact();
  }

  #lost(watch: ClientReadableStream<ReplicaState__Output>, reason: string): void {
    if (this.#stopped || this.#watch !== watch) return;
    const { engine, endpoint, log, clock, onFirstContact } = this.#options;
    this.#watch = undefined;
    if (this.#connected) log.warn('replica.lost', { endpoint, reason });
    else if (this.#absence !== reason) log.warn('replica.absent', { endpoint, reason });
    this.#connected = false;
    this.#absence = reason;
    engine.loseReplica(endpoint);
    onFirstContact();
    this.#cancelRetry = clock.setTimer(this.#retryMs, () => this.start());
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
  }

  #attach(model: string, handlers: LinkHandlers): Link {
    const { credentials, routerId } = this.#options;
    const stream = openRawBidi(
      this.#attachChannel,
      rpcMethod('/weft.executor.v1.Executor/Attach'),
      credentials.callMetadata(),
    );
    let open = true;
    const lost = (reason: string): void => {
      if (!open) return;
      open = false;
      handlers.onClosed(reason);
    };
    stream.on('data', (message: Buffer) => {
      if (open) handlers.onMessage(message);
    });
    stream.once('error', (error) => lost(error.message));
    stream.once('end', () => lost('the replica ended the stream'));
    stream.write(encodeOpen(routerId, model));
    return {
      send(message) {
        if (open) stream.write(message);
      },
      close() {
        if (!open) return;
        open = false;
        // After the end nothing is read any more, but an error still has to find a listener.
        stream.on('error', () => {});
        stream.end();
      },
    };
  }
}
