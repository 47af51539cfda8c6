// The path of a call behind the front: layers of one form, the innermost of which is the engine. A layer may answer a call itself,
// make others of it, or look at the answer on its way back.
import type { Call } from '../lanes/pending-call.ts';

/** A call that was admitted. */
export interface Submitted {
  /** Nobody waits for it any more: tells where it was, undefined when it is settled already. It will not be settled after this. */
  cancel(): 'queued' | 'sent' | undefined;
}

/** Admits a call, which settles later, or throws why it cannot be served. */
export type Submit = (call: Call) => Submitted;
