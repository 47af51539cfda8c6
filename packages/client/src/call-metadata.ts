// The metadata of a call: who calls, and what the caller adds.
import { Metadata } from '@grpc/grpc-js';
import { invalidArgument } from '@weft/errors';
import type { CallOptions } from './call-options.ts';
import type { ConnectOptions } from './connect-options.ts';

/** Throws INVALID_ARGUMENT for a key or value that gRPC cannot send. */
export function callMetadata(identity: ConnectOptions, extra: CallOptions['metadata'] = {}): Metadata {
  const metadata = new Metadata();
  if (identity.token !== undefined) set(metadata, 'authorization', `Bearer ${identity.token}`);
  if (identity.tenant !== undefined) set(metadata, 'weft-tenant', identity.tenant);
  if (identity.priority !== undefined) set(metadata, 'weft-priority', String(identity.priority));
  for (const [key, value] of Object.entries(extra)) set(metadata, key, value);
  return metadata;
}

function set(metadata: Metadata, key: string, value: string | Uint8Array): void {
  try {
    metadata.set(key, typeof value === 'string' ? value : Buffer.from(value));
  } catch {
    // grpc-js puts the value into its message, and this one may be a secret.
    throw invalidArgument(`metadata '${key}' cannot be sent: its name or its value holds what gRPC does not allow`);
  }
}
