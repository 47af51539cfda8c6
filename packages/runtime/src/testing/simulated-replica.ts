// For tests: a replica of model `m` on a clock that the test moves, with the credits and the pace of a real one. An instance is
// no worker: a batch of b rows takes it startMs + rowMs·b. Messages take networkMs each way.
import type { Link, LinkHandlers } from '@weft/dispatch';
import type { ManualClock } from '@weft/flow';
import {
  decodeRouterMessage,
  encodeResult,
  type Message,
  readBatch,
  readBatchHeader,
  rpcMethod,
  wholeOf,
} from '@weft/rpc';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { undeliveredResult } from '../executor/instance-host.ts';
import { InstancePace } from '../executor/instance-pace.ts';
import type { Session } from '../executor/model-version-options.ts';
import { VersionCredits } from '../executor/version-credits.ts';

export interface SimulatedModel {
  readonly startMs: number;
  readonly rowMs: number;
  readonly maxRows: number;
  readonly networkMs: number;
}

export class SimulatedReplica {
  readonly #clock: ManualClock;
  readonly #model: SimulatedModel;
  readonly #credits: VersionCredits;
  readonly #pace: InstancePace;
  readonly #queue: (() => void)[] = [];
  /** Rows of each batch that it ran, and of which router. */
  readonly batches: { readonly router: string; readonly rows: number; readonly atMs: number }[] = [];
  /** Batches that came without a credit. */
  bounced = 0;
  /** What routers told of what waits there. */
  demands = 0;

  constructor(clock: ManualClock, model: SimulatedModel) {
    this.#clock = clock;
    this.#model = model;
    this.#credits = new VersionCredits({ version: '1', clock, arbitrated: true });
    this.#pace = new InstancePace(clock, () => this.#credits.offer(0));
    this.#credits.offer(0);
  }

  state(name: string): ReplicaState__Output {
    const { maxRows } = this.#model;
    const warmup = [1, maxRows].map((rows) => ({ rows, computeUs: this.#takesMs(rows) * 1000 }));
    const config = { name: 'm', maxBatchSize: maxRows };
    const state = 'MODEL_STATE_READY' as const;
    const models = [{ name: 'm', version: '1', state, config, maxBatchSize: maxRows, instances: 1, warmup }];
    const watch = rpcMethod('/weft.executor.v1.Executor/Watch');
    const report = watch.encodeResponse({ replicaId: name, service: 'custom', models, ready: true });
    return watch.decodeResponse(report) as ReplicaState__Output;
  }

  /** For the engine of a router: opens an attach stream. */
  opener(router: string): (model: string, near: LinkHandlers) => Link {
    return (_model, near) => {
      const later = (then: () => void): void => void this.#clock.setTimer(this.#model.networkMs, then);
      const session: Session = { send: (message) => later(() => near.onMessage(message)) };
      this.#credits.attach(session);
      return {
        send: (message: Message) => later(() => this.#receive(router, session, wholeOf(message))),
        close: () => this.#credits.detach(session),
      };
    };
  }

  #takesMs(rows: number): number {
    return this.#model.startMs + this.#model.rowMs * rows;
  }

  #receive(router: string, session: Session, bytes: Buffer): void {
    const message = decodeRouterMessage(bytes);
    if (message.kind === 'demand') {
      this.demands += 1;
      this.#credits.demand(session, message);
    }
    if (message.kind !== 'batch') return;
    const { id, rows } = readBatchHeader(message.body);
    if (!this.#credits.spend(session, 0, rows)) {
      this.bounced += 1;
      session.send(undeliveredResult(id));
      return;
    }
    const { items } = readBatch(message.body);
    this.#queue.push(() => {
      this.batches.push({ router, rows, atMs: this.#clock.now() });
      const ms = this.#takesMs(rows);
      this.#clock.setTimer(ms, () => {
        const times = { queueUs: 0, computeInputUs: 0, computeInferUs: ms * 1000, computeOutputUs: 0 };
        const results = items.map(({ payload }, index) => ({ index, outcome: payload, ...times }));
        session.send(encodeResult({ batchId: id, items: results, undelivered: false, crashed: false, last: true }));
        this.#queue.shift();
        this.#pace.end();
        this.#queue[0]?.();
      });
    });
    if (this.#queue.length === 1) this.#queue[0]?.();
    this.#pace.add(this.#takesMs(rows));
    if (!this.#pace.takesMore) this.#credits.revoke(0);
  }
}
