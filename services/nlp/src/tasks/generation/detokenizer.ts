// Text from tokens as they come. A token may be a part of a character (bytes of UTF-8), or be written differently behind others (a
// space before a word), so each is decoded together with those of the piece before, and what is not whole yet waits. Before the
// first piece stands the end of the prompt: decoders of SentencePiece take the space away from the first word that they see.
// The way of Hugging Face's text-generation-inference.

/** What decoders write for bytes that are no character, or not yet. */
const incomplete = '\ufffd';
/** So many tokens without an end of a character are no text. They are given up, or each would be decoded with all before it. */
const mostWaiting = 64;
/** Tokens of the prompt that are decoded before the first piece: as many as text-generation-inference takes. */
const promptTail = 5;

export class Detokenizer {
  readonly #decode: (tokens: readonly number[]) => string;
  /** The tokens of the last piece that was given, or of the prompt's end, then those that wait. */
  #tokens: number[];
  /** How many of the tokens are the last piece's, and their text. */
  #given: number;
  #givenText: string;

  /** The text goes on where the prompt ends. */
  constructor(decode: (tokens: readonly number[]) => string, prompt: readonly number[]) {
    this.#decode = decode;
    this.#tokens = prompt.slice(-promptTail);
    this.#given = this.#tokens.length;
    this.#givenText = decode(this.#tokens);
  }

  /** The text that is whole with this token; empty where it is not yet. */
  push(token: number): string {
    this.#tokens.push(token);
    const text = this.#decode(this.#tokens);
    if (!text.endsWith(incomplete)) return this.#give(text);
    if (this.#tokens.length - this.#given < mostWaiting) return '';
    const piece = this.#give(text);
    // What follows is not to be read together with a part of a character that was given up.
    [this.#tokens, this.#given, this.#givenText] = [[], 0, ''];
    return piece;
  }

  /** What waited, when nothing more comes. */
  flush(): string {
    return this.#tokens.length === this.#given ? '' : this.#give(this.#decode(this.#tokens));
  }

  #give(text: string): string {
    const piece = text.slice(this.#givenText.length);
    this.#tokens = this.#tokens.slice(this.#given);
    this.#given = this.#tokens.length;
    this.#givenText = this.#decode(this.#tokens);
    return piece;
  }
}
