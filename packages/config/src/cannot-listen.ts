// Why a process does not listen, in one line: of gRPC, REST and metrics alike. Whatever the library, its text has the system's code.
import { WeftError } from '@weft/errors';
import { type Endpoint, formatEndpoint } from './endpoint.ts';

const problems = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
} as const;

/** FAILED_PRECONDITION. `what` would have listened: `the metrics of nlp`. */
export function cannotListen(cause: unknown, endpoint: Endpoint, what?: string): WeftError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const known = Object.entries(problems).find(([code]) => text.includes(code));
  const who = what === undefined ? '' : `${what} `;
  return new WeftError(
    'FAILED_PRECONDITION',
    `${who}cannot listen on ${formatEndpoint(endpoint)}: ${known?.[1] ?? text}`,
    { cause },
  );
}
