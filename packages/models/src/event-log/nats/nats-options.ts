// How NATS is dialled, from the settings. Files are read at each connection, so that rotated credentials are taken up.
import { readFileSync } from 'node:fs';
import { type EventLogSettings, parseNatsServer, weftVersion } from '@weft/config';
import {
  type Authenticator,
  type ConnectionOptions,
  credsAuthenticator,
  nkeyAuthenticator,
  type TlsOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats';

export function natsOptions(settings: EventLogSettings): ConnectionOptions {
  const servers = settings.nats.map(parseNatsServer);
  const authenticator = authenticatorOf(settings);
  const tls = tlsOf(settings);
  const requiresTls = tls !== undefined || servers.some((server) => server.requiresTls);
  return {
    servers: servers.map(({ hostPort }) => hostPort),
    name: `weft ${weftVersion}`,
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(requiresTls ? { tls: tls ?? {} } : {}),
    timeout: 5_000,
    // A server that stands still is lost within nine seconds.
    pingInterval: 3_000,
    maxPingOut: 2,
    // The log connects again by itself, and knows then that it has to ask for everything again.
    reconnect: false,
  };
}

function authenticatorOf(settings: EventLogSettings): Authenticator | undefined {
  const { natsCredentials, natsNkey, natsUser, natsPasswordFile, natsTokenFile } = settings;
  if (natsCredentials !== undefined) return credsAuthenticator(readFileSync(natsCredentials));
  if (natsNkey !== undefined) return nkeyAuthenticator(Buffer.from(line(natsNkey)));
  if (natsTokenFile !== undefined) return tokenAuthenticator(line(natsTokenFile));
  if (natsUser === undefined) return undefined;
  return usernamePasswordAuthenticator(natsUser, natsPasswordFile === undefined ? '' : line(natsPasswordFile));
}

function tlsOf({ natsTlsCa, natsTlsCert, natsTlsKey }: EventLogSettings): TlsOptions | undefined {
  if (natsTlsCa === undefined && natsTlsCert === undefined && natsTlsKey === undefined) return undefined;
  return {
    ...(natsTlsCa === undefined ? {} : { ca: readFileSync(natsTlsCa, 'utf8') }),
    ...(natsTlsCert === undefined ? {} : { cert: readFileSync(natsTlsCert, 'utf8') }),
    ...(natsTlsKey === undefined ? {} : { key: readFileSync(natsTlsKey, 'utf8') }),
  };
}

const line = (file: string): string => readFileSync(file, 'utf8').trim();
