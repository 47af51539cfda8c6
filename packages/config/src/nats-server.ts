// Where a NATS server listens: nats://host:port, tls://host:port where TLS is required, or plain host:port.
import { invalidArgument } from '@weft/errors';
import { parseEndpoint } from './endpoint.ts';

export interface NatsServerAddress {
  /** Without a scheme. */
  readonly hostPort: string;
  readonly requiresTls: boolean;
}

/** Throws for what is no such address; user and password have settings of their own, since addresses are logged. */
export function parseNatsServer(text: string): NatsServerAddress {
  const [, scheme, hostPort = ''] = /^(?:(nats|tls):\/\/)?([^/]*)\/?$/.exec(text) ?? [];
  if (hostPort === '' || hostPort.includes('@'))
    throw invalidArgument(`'${text.replace(/\/\/.*@/, '//')}' is not nats://host:port or tls://host:port`);
  parseEndpoint(hostPort);
  return { hostPort, requiresTls: scheme === 'tls' };
}
