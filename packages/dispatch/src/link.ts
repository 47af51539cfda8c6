// One Attach stream seen from either end: whole encoded messages in order, until it closes. Over the network it is a gRPC
// stream (remote-replica.ts, runtime's executor service); inside one process it is a pair of queues, so that a call made
// directly on a service takes the same way as one that came through a router.

export interface Link {
  send(message: Buffer): void;
  /** Closes both directions. The other end hears of it. */
  close(): void;
}

export interface LinkHandlers {
  onMessage(message: Buffer): void;
  /** Called once, when the other end closed or was lost; not after an own close(). */
  onClosed(reason: string): void;
}

/** Connects two ends in this process. Messages arrive in a later microtask, never inside send(). */
export function connectLocally(near: LinkHandlers, accept: (far: Link) => LinkHandlers): Link {
  let open = true;
  let farHandlers: LinkHandlers | undefined;
  const end = (deliver: (message: Buffer) => void, closed: () => void): Link => ({
    send(message) {
      queueMicrotask(() => {
        if (open) deliver(message);
      });
    },
    close() {
      if (!open) return;
      open = false;
      queueMicrotask(closed);
    },
  });
  farHandlers = accept(end((message) => near.onMessage(message), () => near.onClosed('closed')));
  return end((message) => farHandlers?.onMessage(message), () => farHandlers?.onClosed('closed'));
}
