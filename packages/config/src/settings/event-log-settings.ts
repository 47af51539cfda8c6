// Settings of the event log: where what the mesh should serve is kept, and how NATS is reached.
import { parseNatsServer } from '../nats-server.ts';
import { defineSettings, type SettingsOf } from '../setting.ts';

export const eventLogSettings = defineSettings({
  nats: {
    kind: 'list',
    item: 'nats://host:port or tls://host:port',
    check: parseNatsServer,
    doc: 'NATS servers that keep the event log and pushed models; without them both are kept in --data-directory',
  },
  natsStream: {
    kind: 'string',
    default: 'WEFT_MODELS',
    doc: 'JetStream stream of the event log; its artifacts are in the object store of that name with _ARTIFACTS after it',
  },
  natsReplicas: {
    kind: 'integer',
    default: 1,
    minimum: 1,
    maximum: 5,
    doc: 'On how many servers of a cluster NATS keeps them, as the router makes them; 3 survive the loss of one',
  },
  natsCredentials: { kind: 'path', doc: 'Credentials file (.creds) shown to NATS' },
  natsNkey: { kind: 'path', doc: 'File that holds the nkey seed shown to NATS' },
  natsUser: { kind: 'string', doc: 'User name shown to NATS, with --nats-password-file' },
  natsPasswordFile: { kind: 'path', doc: 'File that holds the password of that user' },
  natsTokenFile: { kind: 'path', doc: 'File that holds the token shown to NATS' },
  natsTlsCa: {
    kind: 'path',
    doc: 'Certificate authorities of NATS (PEM); with it, or with tls:// servers, TLS is required',
  },
  natsTlsCert: { kind: 'path', doc: 'Certificate chain shown to NATS (PEM)' },
  natsTlsKey: { kind: 'path', doc: 'Private key of that certificate (PEM)' },
});

export type EventLogSettings = SettingsOf<typeof eventLogSettings>;
