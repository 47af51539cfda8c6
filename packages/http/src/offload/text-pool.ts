// Where JSON is read and written: small texts at once, on this thread; large ones in worker threads, so that nobody else's call waits
// for them. The threads start with the first large text and end when they have been idle for a while.
import { availableParallelism } from 'node:os';
import { refusal, toWeftError, WeftError } from '@weft/errors';
import { Piscina } from 'piscina';
import { type TextWork, textWork } from './text-work.ts';
import type { Outcome } from './worker.ts';

export interface TextPoolOptions {
  /** JSON of so many bytes is read in a worker. */
  readonly largeJsonBytes?: number;
  /** So many bytes of tensors are made text in a worker. */
  readonly largeTensorBytes?: number;
}

type Result<Name extends keyof TextWork> = ReturnType<TextWork[Name]>;
type Argument<Name extends keyof TextWork> = Parameters<TextWork[Name]>[0];

const idleTimeoutMs = 30_000;
/** Texts that may wait for a thread. */
const maxWaiting = 64;

export class TextPool {
  readonly largeJsonBytes: number;
  readonly largeTensorBytes: number;
  #pool: Piscina | undefined;

  constructor({ largeJsonBytes = 256 * 1024, largeTensorBytes = 64 * 1024 }: TextPoolOptions = {}) {
    this.largeJsonBytes = largeJsonBytes;
    this.largeTensorBytes = largeTensorBytes;
  }

  /** `large`: in a worker. Rejects with a WeftError. */
  async run<Name extends keyof TextWork>(name: Name, argument: Argument<Name>, large: boolean): Promise<Result<Name>> {
    if (!large) return textWork[name](argument as never) as Result<Name>;
    const pool = this.#started();
    if (pool.queueSize >= maxWaiting)
      throw refusal(
        'RESOURCE_EXHAUSTED',
        'Exceeds maximum queue size: too many large texts wait to be read or written',
        {
          retryAfterMs: 1000,
        },
      );
    const outcome = (await pool.run({ name, argument }).catch((thrown: unknown) => {
      throw toWeftError(thrown);
    })) as Outcome;
    if ('result' in outcome) return outcome.result as Result<Name>;
    if (outcome.code === 'INTERNAL') throw toWeftError(new Error(outcome.cause ?? outcome.message));
    throw new WeftError(outcome.code, outcome.message);
  }

  async stop(): Promise<void> {
    await this.#pool?.destroy();
  }

  #started(): Piscina {
    this.#pool ??= new Piscina({
      filename: new URL('worker.js', import.meta.url).href,
      name: 'work',
      minThreads: 0,
      maxThreads: Math.max(1, Math.min(4, availableParallelism() - 1)),
      idleTimeout: idleTimeoutMs,
    });
    return this.#pool;
  }
}
