// What a replica answered instead of a response, as an error.
import { WeftError } from '@weft/errors';
import { errorCodeOf, type ItemStatus } from '@weft/rpc';

export function itemError({ code, message, requestId }: ItemStatus): WeftError {
  return new WeftError(errorCodeOf(code), message, requestId === '' ? {} : { requestId });
}
