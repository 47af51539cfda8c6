// What must be known of whoever makes a call, however it came in.
import type { CallContext } from '@weft/rpc';

export type Caller = Pick<CallContext, 'path' | 'identity' | 'deadlineMs' | 'traceparent' | 'onCancelled'>;
