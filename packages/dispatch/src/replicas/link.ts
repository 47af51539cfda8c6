// One Attach stream seen from either end: encoded messages in order, until it closes. A receiver gets them whole or in fragments. Over the network it is a gRPC
// stream (remote-replica.ts, runtime's executor service); inside one process it is a pair of queues, so that a call made
// directly on a service takes the same way as one that came through a router.
import { type Message, wholeOf } from '@weft/rpc';

export interface Link {
  /** The message must not change any more. */
  send(message: Message): void;
  /** Closes both directions. The other end hears of it. */
  close(): void;
}

export interface LinkHandlers {
  onMessage(message: Buffer): void;
  /** Called once, when the other end closed or was lost; not after an own close(). */
  onClosed(reason: string): void;
}

/** How an engine reaches a replica: opens an Attach stream to one of its models. */
export type OpenAttach = (model: string, handlers: LinkHandlers) => Link;

/**
 * Connects two ends in this process. Messages arrive in a later microtask, never inside send(); those that were sent
 * before the sender closed still arrive, the closer hears nothing more.
 */
export function connectLocally(near: LinkHandlers, accept: (far: Link) => LinkHandlers): Link {
  let closed = false;
  const end = (own: Listening, other: Listening): Link => ({
    send(message) {
      if (closed) return;
      queueMicrotask(() => {
        if (other.listens) other.handlers().onMessage(wholeOf(message));
      });
    },
    close() {
      own.listens = false;
      if (closed) return;
      closed = true;
      queueMicrotask(() => other.handlers().onClosed('closed'));
    },
  });
  const nearEnd: Listening = { listens: true, handlers: () => near };
  const farEnd: Listening = { listens: true, handlers: () => farHandlers };
  const farHandlers = accept(end(farEnd, nearEnd));
  return end(nearEnd, farEnd);
}

interface Listening {
  listens: boolean;
  readonly handlers: () => LinkHandlers;
}
