// What the replica that has a stream was told of it, kept so that another one can be told the same:
//
//   - everything, until an instance has the stream: a replica that refuses it then has done nothing with it;
//   - the first message alone, until the first response, where the router's budget has room: a replica that is lost, or an
//     instance that dies, has done nothing that anybody has seen. A second message may mean something else to somebody else.
//
// Whether an instance has the stream is known where the replica was asked to say so. Where it was not, a second message counts as if.
import type { KeptBytes } from './kept-bytes.ts';
import type { MoveReason } from './pipe.ts';

export class ToldMessages {
  readonly #budget: KeptBytes;
  readonly #hearsOfBegin: boolean;
  #messages: Buffer[] | undefined;
  /** In the budget. */
  #bytes = 0;
  /** The budget had no room. */
  #over = false;
  #begun = false;

  /** `asked`: the replica is to say when an instance has the stream, whatever there is to keep. */
  constructor(messages: readonly Buffer[], { budget, asked }: { budget: KeptBytes; asked: boolean }) {
    this.#budget = budget;
    this.#messages = [];
    for (const message of messages) this.#keep(this.#messages, message);
    this.#hearsOfBegin = asked || this.#over;
  }

  /** Whether the replica should say when an instance has the stream. */
  get hearsOfBegin(): boolean {
    return this.#hearsOfBegin;
  }

  add(message: Buffer): void {
    if (this.#messages === undefined) return;
    const begun = this.#begun || !this.#hearsOfBegin;
    if (!begun) this.#keep(this.#messages, message);
    // Where the budget has no room only a first message is kept until then.
    if (begun || this.#over) this.forget();
  }

  begun(): void {
    this.#begun = true;
    if (this.#over || this.#messages?.length !== 1) this.forget();
  }

  /** All of it, to tell it elsewhere; undefined: the stream stays where it is. */
  take(reason: MoveReason): Buffer[] | undefined {
    const messages = this.#messages;
    this.forget();
    return reason === 'unbegun' || reason === 'full' || messages?.length === 1 ? messages : undefined;
  }

  /** The stream stays where it is. */
  forget(): void {
    this.#messages = undefined;
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
  }

  #keep(messages: Buffer[], message: Buffer): void {
    messages.push(message);
    if (!this.#over && this.#budget.take(message.length)) this.#bytes += message.length;
    else this.#over = true;
  }
}
