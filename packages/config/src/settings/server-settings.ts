// Settings of every process that listens. The ports are left open: each service fills in its own (withDefaults).
import { MiB } from '../quantity.ts';
import { defineSettings, type SettingsOf } from '../setting.ts';

export const serverSettings = defineSettings({
  bind: {
    kind: 'string',
    default: '127.0.0.1',
    doc: 'Address to listen on. On any but a loopback address, admin and executor calls are refused until credentials are configured',
  },
  port: { kind: 'port', doc: 'Port of the gRPC server; 0 takes any free port' },
  metricsPort: { kind: 'port', doc: 'Port of the Prometheus metrics; 0 takes any free port' },
  tlsCert: { kind: 'path', doc: 'Certificate chain of the server (PEM); with it the server speaks TLS only' },
  tlsKey: { kind: 'path', doc: 'Private key of the certificate (PEM)' },
  tlsCa: {
    kind: 'path',
    doc: 'Certificate authorities of clients (PEM); with it every client must show a certificate',
  },
  tokenFile: { kind: 'path', doc: 'File of hashed bearer tokens and certificate names with their roles (JSON)' },
  maxMessageBytes: {
    kind: 'bytes',
    default: 64 * MiB,
    minimum: 1,
    maximum: 2 ** 31 - 1,
    doc: 'Largest message that is accepted or sent',
  },
  responseCacheBytes: {
    kind: 'bytes',
    default: 64 * MiB,
    minimum: 0,
    doc: 'Memory for answers of models with response_cache; 0 keeps none',
  },
  maxConnectionAge: {
    kind: 'duration',
    default: 0,
    minimum: 0,
    doc: 'After how long, a tenth more or less, a gRPC client is asked to connect anew, perhaps to another process: what runs on the old connection is finished; 0 never asks',
  },
  maxConnectionAgeGrace: {
    kind: 'duration',
    default: 60 * 60_000,
    minimum: 0,
    doc: 'How long what runs on a connection of that age, streams above all, may still take before it is broken off; 0 sets no limit',
  },
  drainTimeout: {
    kind: 'duration',
    default: 30_000,
    doc: 'How long a stopping process waits for what is in flight',
  },
});

export type ServerSettings = SettingsOf<typeof serverSettings>;
