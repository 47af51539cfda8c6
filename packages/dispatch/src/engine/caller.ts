// What must be known of whoever makes a call, however it came in.
import type { CallContext } from '@weft/rpc';

export interface Caller extends Pick<CallContext, 'path' | 'identity' | 'deadlineMs' | 'traceparent' | 'onCancelled'> {
  /** What metrics and traces call the way in, where that is not the method's path: `POST /v2/models/:model/infer`. */
  readonly label?: string;
}
