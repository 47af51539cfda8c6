// The configuration of the mesh's NATS servers out of deploy/, in one text and with free ports.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from './overlays.ts';

export interface NatsConfigPlace {
  /** What make-credentials wrote. */
  readonly credentials: string;
  /** For the server's own files. */
  readonly folder: string;
}

export function natsConfig({ credentials, folder }: NatsConfigPlace): string {
  const variables = Object.fromEntries(
    readFileSync(join(credentials, 'nats/keys.env'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );
  return (
    readManifest('base/nats/nats.conf')
      .replace(/include "accounts.conf"/, () => readManifest('base/nats/accounts.conf'))
      .replace(/include "cluster.conf"/, () => readManifest('overlays/cpu/cluster.conf'))
      .replaceAll('/etc/nats-tls', join(credentials, 'nats'))
      .replace('"/run/nats/nats.pid"', JSON.stringify(join(folder, 'nats.pid')))
      .replace('"0.0.0.0:8222"', '"127.0.0.1:-1"')
      // The folder is told on the command line.
      .replace(/store_dir: .*/, '')
      .replace(/\$(WEFT_\w+|POD_NAME)/g, (_all, name: string) => JSON.stringify(variables[name] ?? 'nats-0'))
  );
}
