// For tests: the far end of attach streams, in memory. It records what it is sent and answers only what a test says.
import { decodeRouterMessage, encodeCredit, encodeResult, type Execution, type ItemStatus, readBatch } from '@weft/rpc';
import { connectLocally, type Link, type LinkHandlers } from '../replicas/link.ts';

export type ReceivedBatch = ReturnType<typeof readBatch>;

export class FakeReplica {
  /** Models that were attached to, in order. */
  readonly attached: string[] = [];
  readonly batches: ReceivedBatch[] = [];
  readonly cancels: { readonly batchId: number; readonly items: readonly number[] }[] = [];
  closed = 0;
  #link: Link | undefined;
  readonly #linkOf = new WeakMap<ReceivedBatch, Link>();

  /** For the engine: opens an attach stream. */
  readonly open = (model: string, near: LinkHandlers): Link => {
    this.attached.push(model);
    return connectLocally(near, (far) => {
      this.#link = far;
      return { onMessage: (message) => this.#receive(message, far), onClosed: () => this.closed++ };
    });
  };

  grant(version: string, instance = 0): void {
    this.send(encodeCredit('credit', version, instance));
  }

  takeBack(version: string, instance = 0): void {
    this.send(encodeCredit('credit_return', version, instance));
  }

  /** Answers items of a batch: text as the payload, a status as the failure. `last` says that nothing follows. */
  answer(
    batchId: number,
    items: Readonly<Record<number, string | ItemStatus>>,
    { last = true, undelivered = false, crashed = false, computeMs = 1, executions = [] as readonly Execution[] } = {},
  ): void {
    const times = { queueUs: 1, computeInputUs: 2, computeInferUs: computeMs * 1000 - 6, computeOutputUs: 4 };
    const results = Object.entries(items).map(([index, outcome]) => ({
      index: Number(index),
      outcome: typeof outcome === 'string' ? Buffer.from(outcome) : outcome,
      ...times,
    }));
    this.send(encodeResult({ batchId, items: results, undelivered, crashed, last, executions }));
  }

  /** Answers every item of a batch with its own payload. */
  echo({ id, items }: ReceivedBatch): void {
    this.answer(id, Object.fromEntries(items.map(({ payload }, index) => [index, payload.toString()])));
  }

  /** Bounces a batch: the instance never began it. */
  bounce({ id }: ReceivedBatch): void {
    this.answer(id, {}, { undelivered: true });
  }

  /** The instance dies of a batch. */
  crash({ id }: ReceivedBatch): void {
    this.answer(id, {}, { crashed: true });
  }

  send(message: Buffer): void {
    if (this.#link === undefined) throw new Error('nobody has attached');
    this.#link.send(message);
  }

  /** The newest attach stream breaks. */
  lose(): void {
    this.#link?.close();
  }

  /** Whether the batch came on the newest stream: on that one answers go out. */
  hears(batch: ReceivedBatch): boolean {
    return this.#linkOf.get(batch) === this.#link;
  }

  #receive(bytes: Buffer, link: Link): void {
    const message = decodeRouterMessage(bytes);
    if (message.kind === 'cancel') this.cancels.push(message);
    if (message.kind !== 'batch') return;
    const batch = readBatch(message.body);
    this.#linkOf.set(batch, link);
    this.batches.push(batch);
  }
}
