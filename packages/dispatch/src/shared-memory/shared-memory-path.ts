// The layer of a service's path that knows shared memory: behind it a request carries its inputs, and an answer its outputs, as those
// of clients on other hosts do. The copies are made here, on the main thread of a service that was told to offer this; no router does.
import { inferPath } from '@weft/rpc';
import { toWeftError } from '@weft/errors';
import { refusingMalformed } from '@weft/rpc/wire';
import type { Answer, Call } from '../lanes/pending-call.ts';
import type { Submit } from '../engine/submit.ts';
import { carryInputs, placeOutputs } from './regions-in-request.ts';
import type { SharedMemory } from './shared-memory.ts';

export function sharedMemoryPath(next: Submit, memory: SharedMemory, maxBytes: number): Submit {
  return (call) => {
    if (call.method !== inferPath) return next(call);
    const carried = refusingMalformed(() => carryInputs(call.payload, memory, maxBytes));
    if (carried === undefined) return next(call);
    const { payload, outputs } = carried;
    const inner: Call = { ...call, payload };
    if (outputs.size === 0) return next(inner);
    return next({ ...inner, settle: (answer) => call.settle(placed(answer)) });

    function placed(answer: Answer): Answer {
      if ('error' in answer) return answer;
      try {
        return { ...answer, payload: placeOutputs(answer.payload, outputs, memory) };
      } catch (thrown) {
        return { error: toWeftError(thrown) };
      }
    }
  };
}
