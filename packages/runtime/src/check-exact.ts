// Numbers of 64 bits in typed requests. The codecs of proto/ read them as numbers of JavaScript, which skip some from 2^53 on: two
// seeds would be one, and an id would come back as another. So whoever takes such a field refuses what may have been altered.
import { invalidArgument } from '@weft/errors';

/** Throws INVALID_ARGUMENT naming the field for a number beyond 2^53 - 1. */
export function checkExact(value: number, field: string): void {
  if (!Number.isSafeInteger(value)) throw invalidArgument(`${field}: over the limit of ${Number.MAX_SAFE_INTEGER}`);
}
