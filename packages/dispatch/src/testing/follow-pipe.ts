// For tests: sends a stream's later messages as they are wanted, reads its responses one by one, and tells how it ended.
import type { WeftError } from '@weft/errors';
import type { PassageListener } from '../pipes/passage.ts';
import type { Pipe } from '../pipes/pipe.ts';

export interface FollowedPipe {
  readonly responses: readonly Buffer[];
  readonly error: WeftError | undefined;
}

/** `stopAfter` responses it is left; `left` is the reason. */
export function followPipe(
  open: (listener: PassageListener) => Pipe,
  later: readonly Buffer[] = [],
  leave?: { readonly after: number; readonly reason: WeftError },
): Promise<FollowedPipe> {
  const unsent = [...later];
  const responses: Buffer[] = [];
  return new Promise((resolve) => {
    const pipe = open({
      onResponse(response) {
        responses.push(response);
        if (responses.length !== leave?.after) pipe.read();
        else {
          pipe.cancel(leave.reason);
          resolve({ responses, error: leave.reason });
        }
      },
      onRoom: () => sendNext(),
      onEnd: (error) => resolve({ responses, error }),
    });
    const sendNext = (): void => {
      for (let next = unsent.shift(); next !== undefined; next = unsent.shift()) if (!pipe.send(next)) return;
      pipe.halfClose();
    };
    pipe.read();
  });
}
