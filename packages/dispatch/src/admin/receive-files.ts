// The files of a push on their way from the client to the depot: pieces follow each other on one stream, file after file, and
// are stored while they come, no faster than the depot takes them.
import { invalidArgument, toWeftError, WeftError } from '@weft/errors';
import type { ArtifactDepot } from '@weft/models';
import type { ArtifactFile__Output } from '@weft/rpc/messages/weft/models/v1/ArtifactFile';
import type { PushRequest__Output } from '@weft/rpc/messages/weft/router/v1/PushRequest';

/** Stores them in this order and yields the bytes stored so far. What is not whole is not kept. */
export async function* receiveFiles(
  artifacts: ArtifactDepot,
  files: readonly ArtifactFile__Output[],
  requests: AsyncIterator<PushRequest__Output>,
): AsyncGenerator<number, void> {
  let stored = 0;
  for (const file of files) {
    // One piece is between the client and the depot at any time; the depot takes it when it asks for the next.
    const pieces = new Handover();
    const putting = artifacts.put(file, pieces.taken()).finally(() => pieces.close());
    putting.catch(() => {});
    let failure = new WeftError('CANCELLED', 'the push was given up');
    let whole = false;
    try {
      for (let left = file.size; left > 0; ) {
        const piece = await nextPiece(requests, file, left);
        if (!(await pieces.give(piece))) break;
        left -= piece.length;
        stored += piece.length;
        yield stored;
      }
      pieces.end();
      whole = true;
    } catch (thrown) {
      failure = toWeftError(thrown);
      throw thrown;
    } finally {
      // Also when nobody asks for the next figure any more: the client has gone between two pieces.
      if (!whole) {
        pieces.fail(failure);
        await putting.catch(() => {});
      }
    }
    await putting;
  }
}

async function nextPiece(
  requests: AsyncIterator<PushRequest__Output>,
  { path }: ArtifactFile__Output,
  left: number,
): Promise<Uint8Array> {
  const { done, value } = await requests.next();
  if (done === true) throw invalidArgument(`the push ended ${left} bytes before '${path}' was whole`);
  const piece = (value as PushRequest__Output).piece;
  if (piece === undefined) throw invalidArgument('after the manifest come pieces of the wanted files');
  if (piece.length > left) throw invalidArgument(`a piece is larger than what is left of '${path}'`);
  return piece;
}

/** From one who has pieces to one who wants them, one at a time. */
class Handover {
  #piece: Uint8Array | undefined;
  #state: 'open' | 'ended' | 'failed' | 'closed' = 'open';
  #failure: WeftError | undefined;
  #wake: () => void = () => {};

  /** Resolves when it was taken; to false when nobody takes any more. */
  async give(piece: Uint8Array): Promise<boolean> {
    this.#piece = piece;
    this.#wake();
    while (this.#piece !== undefined && this.#state === 'open') await this.#changed();
    return this.#state === 'open';
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake();
  }

  fail(failure: WeftError): void {
    this.#failure = failure;
    this.#state = 'failed';
    this.#wake();
  }

  close(): void {
    this.#state = 'closed';
    this.#wake();
  }

  async *taken(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      if (this.#state === 'failed') throw this.#failure ?? new WeftError('CANCELLED', 'the push was given up');
      const piece = this.#piece;
      if (piece !== undefined) {
        this.#piece = undefined;
        this.#wake();
        yield piece;
      } else if (this.#state !== 'open') return;
      else await this.#changed();
    }
  }

  /** Giver and taker never wait at the same time: one of them has the piece. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
