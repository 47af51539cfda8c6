// What NATS says, as what an event log says.
import { WeftError } from '@weft/errors';
import { ErrorCode, NatsError } from 'nats';

/** JetStream's own numbers, which its texts come with. */
const wrongLastSequence = 10071;
const noRoom = /insufficient (storage )?resources|maximum (bytes|messages|streams)|no space left|resource limits/i;

export function isWrongLastSequence(error: unknown): boolean {
  return error instanceof NatsError && error.api_error?.err_code === wrongLastSequence;
}

/** The last revision of the subject, as the refusal tells it. */
export function lastSequenceIn(error: unknown): number {
  return Number(/wrong last sequence: (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? Number.NaN);
}

export function isMissing(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.JetStream404NoMessages;
}

/** PERMISSION_DENIED, RESOURCE_EXHAUSTED or, for all else, UNAVAILABLE; a WeftError as it is. `doing` begins the message. */
export function natsError(doing: string, error: unknown): WeftError {
  if (error instanceof WeftError) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof NatsError && error.code === ErrorCode.PermissionsViolation)
    return new WeftError('PERMISSION_DENIED', `${doing}: NATS does not permit it: ${why}`, { cause: error });
  const code = noRoom.test(why) ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE';
  return new WeftError(code, `${doing}: ${explained(error, why)}`, { cause: error });
}

function explained(error: unknown, why: string): string {
  if (!(error instanceof NatsError)) return why;
  if (error.code === ErrorCode.NoResponders) return 'JetStream does not answer: is it on, and on for this account?';
  return why === '' ? error.code : why;
}
