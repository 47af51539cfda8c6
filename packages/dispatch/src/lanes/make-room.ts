// Room for one more in a full queue, of calls or of streams: those of lower classes, and of tenants that have more than their share,
// make it. Of a class that is full by its own limit, only its own do: others leaving would not help. When not all of the room can
// be made nobody leaves.

export interface RoomLimits {
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  /** How many of the newcomer's class may wait. */
  readonly maxOfClass: number;
}

/** Those who wait, in one queue or in several. */
export interface Crowd<Newcomer, Yielding> {
  readonly size: number;
  readonly byteSize: number;
  sizeOf(priority: number): number;
  /** Who makes room for this one; undefined when nobody does. */
  yieldingTo(newcomer: Newcomer, ownClass: boolean): Yielding | undefined;
  /** Takes that one out; the result puts it back where it was. */
  displace(yielding: Yielding): () => void;
}

/** Takes out who makes room, to be answered by the caller; undefined when there is no room. */
export function makeRoom<Newcomer extends { readonly priority: number }, Yielding>(
  crowd: Crowd<Newcomer, Yielding>,
  newcomer: Newcomer & { readonly byteSize: number },
  { maxQueueSize, maxQueueBytes, maxOfClass }: RoomLimits,
): readonly Yielding[] | undefined {
  if (newcomer.byteSize > maxQueueBytes) return undefined;
  const displaced: { readonly yielding: Yielding; readonly putBack: () => void }[] = [];
  for (;;) {
    const classFull = crowd.sizeOf(newcomer.priority) >= maxOfClass;
    const full = crowd.size >= maxQueueSize || crowd.byteSize + newcomer.byteSize > maxQueueBytes;
    if (!classFull && !full) return displaced.map(({ yielding }) => yielding);
    const yielding = crowd.yieldingTo(newcomer, classFull);
    if (yielding === undefined) break;
    displaced.push({ yielding, putBack: crowd.displace(yielding) });
  }
  for (const { putBack } of displaced.reverse()) putBack();
  return undefined;
}
