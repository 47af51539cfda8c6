// How large a message may be. grpc-js has one limit for a whole server, but two kinds of peers call a model service: clients, whom
// the setting is for, and routers, whose batches and pieces of messages are as large as they are, whatever a client may send. So the
// transport takes what routers need, and the limit of clients is kept method by method, in the words that grpc-js has for it.
import { refusal, type WeftError } from '@weft/errors';
import { fragmentBytes } from '../executor/fragments.ts';
import { requiredRole } from '../gate/required-role.ts';

/** Around the content of a message between router and replica: ids, times, trace contexts of the items. */
const framingBytes = 64 * 1024;

/** For the transport. */
export function transportLimit(maxMessageBytes: number): number {
  return Math.max(maxMessageBytes, fragmentBytes + framingBytes);
}

/** For the messages of one method; routers' are bounded by the transport alone. */
export function messageLimit(path: string, maxMessageBytes: number): number {
  return requiredRole(path) === 'executor' ? Number.POSITIVE_INFINITY : maxMessageBytes;
}

export function receivedTooLarge(bytes: number, limit: number): WeftError {
  return refusal('RESOURCE_EXHAUSTED', `Received message larger than max (${bytes} vs ${limit})`);
}

/** grpc-js counts the five bytes in front of a message too. */
export function sentTooLarge(bytes: number, limit: number): WeftError {
  return refusal('RESOURCE_EXHAUSTED', `Sent message larger than max (${bytes + 5} vs. ${limit})`);
}
