// For tests: the router's end of an attach stream in this process, one message after the other.
import { connectLocally, type Link } from '@weft/dispatch';
import {
  decodeReplicaMessage,
  encodeBatch,
  encodeCancel,
  encodeOpen,
  Reassembler,
  type ReplicaMessage,
  type Result,
  rpcMethod,
} from '@weft/rpc';
import type { Executor } from '../executor/executor.ts';

export const tokenize = rpcMethod('/weft.nlp.v1.NlpService/Tokenize');

export interface SentBatch {
  readonly id: number;
  readonly version?: string;
  readonly instance?: number;
  readonly timeoutUs?: number;
  readonly method?: string;
  /** Of each item. */
  readonly rows?: number;
  /** Texts of Tokenize requests, or whole payloads. */
  readonly items: readonly (string | Buffer)[];
}

export class AttachedRouter {
  readonly link: Link;
  readonly received: ReplicaMessage[] = [];
  closed: string | undefined;
  readonly #pieces = new Reassembler(100_000_000);
  #wake: () => void = () => {};

  constructor(executor: Executor, model = 'm') {
    const handlers = {
      onMessage: (bytes: Buffer) => this.#receive(bytes),
      onClosed: (reason: string) => {
        this.closed = reason;
        this.#wake();
      },
    };
    this.link = connectLocally(handlers, (far) => executor.accept(far));
    this.link.send(encodeOpen('router', model));
  }

  batch({ id, version = '1', instance = 0, timeoutUs = 0, method = tokenize.path, rows = 1, items }: SentBatch): void {
    const encoded = items.map((item) => ({
      payload: typeof item === 'string' ? tokenize.encodeRequest({ texts: [item] }) : item,
      timeoutUs,
      rows,
      traceparent: '',
      tenant: '',
    }));
    this.link.send(encodeBatch({ id, version, method, instance }, encoded));
  }

  cancel(id: number, items: readonly number[]): void {
    this.link.send(encodeCancel(id, items));
  }

  /** The credits that have come and were not taken back: instances. */
  get credits(): number[] {
    const held: number[] = [];
    for (const message of this.received) {
      if (message.kind === 'credit' || message.kind === 'reserved_credit') held.push(message.instance);
      if (message.kind === 'credit_return') held.splice(held.indexOf(message.instance), 1);
    }
    return held;
  }

  results(id: number): Result[] {
    return this.received.flatMap((message) =>
      message.kind === 'result' && message.result.batchId === id ? [message.result] : [],
    );
  }

  /** What became of each item once the batch is over: its text, or code and message; or of the whole batch. */
  async outcomes(id: number): Promise<readonly string[] | 'undelivered' | 'crashed'> {
    await this.until(() => this.results(id).some((result) => result.last));
    const results = this.results(id);
    if (results.some((result) => result.undelivered)) return 'undelivered';
    if (results.some((result) => result.crashed)) return 'crashed';
    const items = results.flatMap((result) => result.items).sort((a, b) => a.index - b.index);
    return items.map(({ outcome }) => {
      if (!(outcome instanceof Uint8Array)) return `${outcome.code} ${outcome.message}`;
      const response = tokenize.decodeResponse(Buffer.from(outcome)) as { results: { pieces: string[] }[] };
      return response.results[0]?.pieces[0] ?? '';
    });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #receive(bytes: Buffer): void {
    const message = decodeReplicaMessage(bytes);
    const whole = message.kind === 'fragment' ? this.#pieces.add(message.piece, message.last) : undefined;
    if (whole !== undefined) this.#receive(whole);
    else if (message.kind !== 'fragment') this.received.push(message);
    this.#wake();
  }
}
