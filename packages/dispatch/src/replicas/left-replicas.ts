// Replicas whose stream has ended lately, by their identity: one that comes back is trusted as it was, and known to take as long.

/** So long it is known how a replica was. */
const rememberMs = 60_000;

export class LeftReplicas<Replica> {
  readonly #left = new Map<string, { readonly replica: Replica; readonly leftMs: number }>();

  add(identity: string, replica: Replica, nowMs: number): void {
    this.#left.set(identity, { replica, leftMs: nowMs });
  }

  take(identity: string, nowMs: number): Replica | undefined {
    for (const [each, { leftMs }] of this.#left) if (leftMs < nowMs - rememberMs) this.#left.delete(each);
    const left = this.#left.get(identity);
    this.#left.delete(identity);
    return left?.replica;
  }
}
