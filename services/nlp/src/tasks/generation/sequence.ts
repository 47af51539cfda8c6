// One text that is being written: what was asked, what was chosen so far, and what of it the client has not read yet. Text that
// nobody has read becomes one piece, so a slow reader costs no more memory than its text has characters, and holds up nobody.
import { toWeftError } from '@weft/errors';
import { chooseToken, type Sampling } from './choose-token.ts';
import { Detokenizer } from './detokenizer.ts';
import { StopScanner } from './stop-scanner.ts';

export type FinishReason = 'FINISH_REASON_STOP' | 'FINISH_REASON_LENGTH';

export interface SequenceOptions {
  /** At least one. */
  readonly prompt: readonly number[];
  /** At least one. */
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly stops: readonly string[];
  readonly endTokens: ReadonlySet<number>;
  readonly random: () => number;
  readonly decode: (tokens: readonly number[]) => string;
}

/** A piece of the text. */
export interface Delta {
  readonly text: string;
  /** In the last piece. */
  readonly finishReason: FinishReason | undefined;
  readonly generatedTokens: number;
}

export class Sequence {
  readonly prompt: readonly number[];
  readonly #options: SequenceOptions;
  readonly #detokenizer: Detokenizer;
  readonly #scanner: StopScanner;
  #generated = 0;
  #lastToken = -1;
  #unread = '';
  #finishReason: FinishReason | undefined;
  #failure: Error | undefined;
  #left = false;
  #onNews: () => void = () => {};

  constructor(options: SequenceOptions) {
    this.#options = options;
    this.prompt = options.prompt;
    this.#detokenizer = new Detokenizer(options.decode, options.prompt);
    this.#scanner = new StopScanner(options.stops);
  }

  /** What the model has to read next. */
  get lastToken(): number {
    return this.#lastToken;
  }

  /** Tokens of prompt and text together when it is as long as it may be. */
  get mostTokens(): number {
    return this.prompt.length + this.#options.maxTokens;
  }

  get generatedTokens(): number {
    return this.#generated;
  }

  /** Nobody waits for more: finished, failed, or left by its reader. */
  get over(): boolean {
    return this.#left || this.#finishReason !== undefined || this.#failure !== undefined;
  }

  /** Chooses the next token by its scores. */
  advance(scores: Float32Array): void {
    try {
      this.#take(chooseToken(scores, this.#options.sampling, this.#options.random));
    } catch (thrown) {
      this.fail(thrown);
    }
    this.#onNews();
  }

  fail(thrown: unknown): void {
    this.#failure ??= toWeftError(thrown);
    this.#onNews();
  }

  /** The reader wants no more: it is over before the next step. */
  leave(reason?: unknown): void {
    this.#left = true;
    if (reason !== undefined) this.fail(reason);
    this.#onNews();
  }

  /** The text as it comes, for one reader. Ends behind the piece with a finish reason; throws what it failed with. */
  async *deltas(): AsyncGenerator<Delta, void, undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const finishReason = this.#finishReason;
      if (this.#unread !== '' || finishReason !== undefined) {
        const text = this.#unread;
        this.#unread = '';
        yield { text, finishReason, generatedTokens: this.#generated };
        if (finishReason !== undefined) return;
      } else await new Promise<void>((resolve) => (this.#onNews = resolve));
    }
  }

  #take(token: number): void {
    const { endTokens, maxTokens } = this.#options;
    if (endTokens.has(token)) {
      this.#finish('FINISH_REASON_STOP');
      return;
    }
    this.#lastToken = token;
    this.#generated++;
    if (this.#write(this.#detokenizer.push(token))) this.#finishReason = 'FINISH_REASON_STOP';
    else if (this.#generated >= maxTokens) this.#finish('FINISH_REASON_LENGTH');
  }

  #finish(reason: FinishReason): void {
    const stopped = this.#write(this.#detokenizer.flush());
    if (!stopped) this.#unread += this.#scanner.flush();
    this.#finishReason = stopped ? 'FINISH_REASON_STOP' : reason;
  }

  /** Whether a stop string ends the text with this piece. */
  #write(piece: string): boolean {
    if (piece === '') return false;
    const { text, stopped } = this.#scanner.push(piece);
    this.#unread += text;
    return stopped;
  }
}
