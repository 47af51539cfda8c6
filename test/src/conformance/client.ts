// Somebody else's client: how it is had, and what it is seen to do against a mesh.
import { fileURLToPath } from 'node:url';
import type { Check } from './check.ts';
import type { ConformanceMesh } from './conformance-mesh.ts';

export interface Client {
  readonly name: string;
  /** Installs what is missing. Throws ForeignMissing where it cannot be had, or does not run here. */
  prepare(progress: (line: string) => void): Promise<PreparedClient>;
}

export interface PreparedClient {
  readonly versions: Readonly<Record<string, string>>;
  /** Resolves with every check, those included that failed. */
  run(mesh: ConformanceMesh): Promise<Check[]>;
}

/** Where clients are installed: git looks past it. */
export const cacheFolder = fileURLToPath(new URL('../../../.cache/conformance/', import.meta.url));
