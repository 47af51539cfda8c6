// Follows one endpoint: opens Watch on a connection of its own, hands every state to the engine, opens Attach streams on a
// second connection, and starts over when the replica is lost. A peer that is frozen fails the connections' keepalive; one
// that accepts a connection and then says nothing is waited for, but not for ever, and nobody else waits for it.
import type { Client, ClientReadableStream } from '@grpc/grpc-js';
import type { Clock } from '@weft/flow';
import {
  type ChannelTerms,
  type DialCredentials,
  encodeOpen,
  MessageSender,
  type OnUnsent,
  openChannel,
  openRawBidi,
  openServerStream,
  rpcMethod,
} from '@weft/rpc';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { Log } from '@weft/telemetry';
import type { DispatchEngine } from '../engine/engine.ts';
import type { Link, LinkHandlers } from './link.ts';
import type { OpenPipe } from '../pipes/pipe.ts';
import { remotePipes } from '../pipes/remote-pipe.ts';

export interface RemoteReplicaOptions {
  /** host:port */
  readonly endpoint: string;
  /** Whom its certificate names, where that is not the host of the endpoint. */
  readonly serverName?: string | undefined;
  readonly routerId: string;
  readonly credentials: DialCredentials;
  readonly engine: DispatchEngine;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of what is written to its streams and has not left. */
  readonly onUnsent?: OnUnsent;
  /** The first state has come, or the first attempt has failed. Called again at every later one. */
  readonly onFirstContact: () => void;
  /** It was connected and is not any more; it is tried again unless it is stopped. */
  readonly onLost: () => void;
}

const firstRetryMs = 100;
const lastRetryMs = 3_000;
/** How long a replica may take for its first state before it counts as absent. */
const patienceMs = 5_000;
/** Then the connection is made anew: grpc-js itself waits without limit for a peer that is there and does not answer. */
const redialMs = 60_000;
/** Answers are read as they come, whatever their size: nothing is gained by having a replica wait. */
const attachTerms = { windowBytes: 4 * 1024 * 1024 };
/** What waits for a replica is bounded and counted where it comes from. */
const pipeTerms = { keepsNothing: true };

export class RemoteReplica {
  readonly #options: RemoteReplicaOptions;
  #watchChannel: Client;
  #attachChannel: Client | undefined;
  /** Of its own as well, and made when the first stream comes: a batch does not wait behind a stream of images. */
  #pipeChannel: Client | undefined;
  #watch: ClientReadableStream<ReplicaState__Output> | undefined;
  #retryMs = firstRetryMs;
  /** Of the one timer there is: to the next attempt, or as long as this one may take. */
  #cancelTimer: () => void = () => {};
  #connected = false;
  /** As the replica reported it last. */
  #state: ReplicaState__Output | undefined;
  #leaving = false;
  /** Why it was last not there: told once, not at every attempt. */
  #absence = '';

  constructor(options: RemoteReplicaOptions) {
    this.#options = options;
    this.#watchChannel = this.#dial();
  }

  get connected(): boolean {
    return this.#connected;
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  /** For the engine it drains, though the replica does not say so yet. */
  set leaving(leaving: boolean) {
    if (leaving === this.#leaving) return;
    this.#leaving = leaving;
    if (this.#connected) this.#update();
  }

  start(): void {
    const { credentials, routerId, clock } = this.#options;
    const method = rpcMethod('/weft.executor.v1.Executor/Watch');
    const watch = openServerStream<ReplicaState__Output>(this.#watchChannel, {
      method,
      request: { routerId },
      metadata: credentials.callMetadata(),
    });
    this.#watch = watch;
    watch.on('data', (state: ReplicaState__Output) => this.#report(watch, state));
    watch.once('error', (error) => this.#lost(watch, error.message));
    watch.once('end', () => this.#lost(watch, 'the replica ended its report'));
    this.#cancelTimer = clock.setTimer(patienceMs, () => {
      this.#tellAbsent(`no answer within ${patienceMs / 1_000} s`);
      this.#options.onFirstContact();
      this.#cancelTimer = clock.setTimer(redialMs - patienceMs, () => this.#redial());
    });
  }

  /** For good: the engine forgets the replica. */
  stop(): void {
    this.#cancelTimer();
    // First of all: the engine must not attach again over channels that are closed.
    this.#options.engine.forgetReplica(this.#options.endpoint);
    this.#leave();
    this.#attachChannel?.close();
    this.#pipeChannel?.close();
  }

  #dial(terms: Omit<ChannelTerms, 'serverName'> = {}): Client {
    const { endpoint, credentials, serverName } = this.#options;
    return openChannel(endpoint, credentials.credentials, { serverName, ...terms });
  }

  #leave(): void {
    const watch = this.#watch;
    this.#watch = undefined;
    watch?.cancel();
    this.#watchChannel.close();
  }

  #redial(): void {
    this.#leave();
    this.#watchChannel = this.#dial();
    this.start();
  }

  #report(watch: ClientReadableStream<ReplicaState__Output>, state: ReplicaState__Output): void {
    // What was given up must not bring back a replica that the engine has forgotten.
    if (this.#watch !== watch) return;
    const { engine, endpoint, log, onFirstContact } = this.#options;
    if (!this.#connected) {
      this.#cancelTimer();
      log.info('replica.connected', { endpoint, service: state.service, replica: state.replicaId });
      // The one before may still be dialling where the replica was.
      this.#attachChannel?.close();
      this.#attachChannel = this.#dial(attachTerms);
      // What runs on the one before runs on.
      this.#pipeChannel?.close();
      this.#pipeChannel = undefined;
      engine.pipes.reach(endpoint, this.#pipes());
    }
    this.#connected = true;
    this.#absence = '';
    this.#retryMs = firstRetryMs;
    this.#state = state;
    this.#update();
    onFirstContact();
  }

  #update(): void {
    const { engine, endpoint } = this.#options;
    const state = this.#state;
    if (state === undefined) return;
    const seen = this.#leaving ? { ...state, draining: true } : state;
    engine.updateReplica(endpoint, seen, (model, handlers) => this.#attach(model, handlers));
  }

  #lost(watch: ClientReadableStream<ReplicaState__Output>, reason: string): void {
    if (this.#watch !== watch) return;
    const { engine, endpoint, log, clock, onFirstContact, onLost } = this.#options;
    const wasConnected = this.#connected;
    this.#watch = undefined;
    this.#connected = false;
    if (wasConnected) {
      log.warn('replica.lost', { endpoint, reason });
      this.#absence = reason;
    } else this.#tellAbsent(reason);
    engine.loseReplica(endpoint);
    onFirstContact();
    this.#cancelTimer();
    this.#cancelTimer = clock.setTimer(this.#retryMs, () => this.start());
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
    if (wasConnected) onLost();
  }

  #tellAbsent(reason: string): void {
    const { endpoint, log } = this.#options;
    if (this.#absence !== reason) log.warn('replica.absent', { endpoint, reason });
    this.#absence = reason;
  }

  #pipes(): OpenPipe {
    const { credentials, onUnsent } = this.#options;
    return remotePipes({
      client: () => (this.#pipeChannel ??= this.#dial(pipeTerms)),
      metadata: () => credentials.callMetadata(),
      onUnsent,
    });
  }

  #attach(model: string, handlers: LinkHandlers): Link {
    const { credentials, routerId } = this.#options;
    this.#attachChannel ??= this.#dial(attachTerms);
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
    const sender = new MessageSender((bytes, onGone) => {
      if (open) stream.write(bytes, onGone);
    });
    sender.send(encodeOpen(routerId, model));
    return {
      send: (message) => sender.send(message),
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
