// One thing that a client was seen to do, or not: the unit of the conformance job's results.

export interface Check {
  readonly client: string;
  /**
   * The calls that it is about, by their names in the protocol; `Reflection` and `Health` stand for gRPC's own services,
   * `Embeddings` for /v1/embeddings.
   */
  readonly rpc: readonly string[];
  /** What was to be seen, as a fact. */
  readonly check: string;
  readonly ok: boolean;
  /** Why it was not seen; empty where it was. */
  readonly detail: string;
}

export interface ClientReport {
  readonly client: string;
  /** Of the client and of what it stands on, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
  /** Why it could not be run here. */
  readonly missing?: string;
}

/** The check of a program that others wrote, so that it speaks with its exit code and its output. */
export function checkOf(client: string, rpc: readonly string[], check: string) {
  return async (seen: () => Promise<void>): Promise<Check> => {
    try {
      await seen();
      return { client, rpc, check, ok: true, detail: '' };
    } catch (error) {
      return { client, rpc, check, ok: false, detail: (error as Error).message.slice(0, 1200) };
    }
  };
}

/** Throws where the text has not all of these parts. */
export function requireParts(text: string, ...parts: readonly (string | RegExp)[]): void {
  for (const part of parts) {
    if (typeof part === 'string' ? text.includes(part) : part.test(text)) continue;
    throw new Error(`no ${String(part)} in: ${text.trim().slice(-1000)}`);
  }
}
