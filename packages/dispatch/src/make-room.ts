// Room for one more call in a full queue: calls of lower classes, and of tenants that have more than their share, make it. Of a
// class that is full by its own limit, only calls of that class do: others leaving would not help. When not all of the room
// can be made nobody leaves.
import type { BatchKind, BatchKinds } from './batch-kinds.ts';
import type { PendingCall } from './pending-call.ts';

export interface RoomLimits {
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  /** How many of the call's class may wait. */
  readonly maxOfClass: number;
}

export interface Displaced {
  readonly kind: BatchKind;
  readonly pending: PendingCall;
}

/** Takes out who makes room, to be answered by the caller; undefined when there is no room. */
export function makeRoom(kinds: BatchKinds, call: PendingCall, limits: RoomLimits): readonly Displaced[] | undefined {
  const { maxQueueSize, maxQueueBytes, maxOfClass } = limits;
  if (call.byteSize > maxQueueBytes) return undefined;
  const displaced: (Displaced & { readonly putBack: () => void })[] = [];
  for (;;) {
    const classFull = kinds.sizeOf(call.priority) >= maxOfClass;
    const full = kinds.size >= maxQueueSize || kinds.byteSize + call.byteSize > maxQueueBytes;
    if (!classFull && !full) return displaced;
    const next = kinds.yieldingTo(call, classFull);
    if (next === undefined) break;
    displaced.push({ ...next, putBack: next.kind.scheduler.displace(next.pending) });
  }
  for (const { putBack } of displaced.reverse()) putBack();
  return undefined;
}
