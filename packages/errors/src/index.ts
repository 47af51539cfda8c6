export { type ErrorCode, errorCodes } from './codes.ts';
export {
  internalErrorMessage,
  invalidArgument,
  refusal,
  toWeftError,
  WeftError,
  type WeftErrorOptions,
} from './weft-error.ts';
