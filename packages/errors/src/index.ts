export { type ErrorCode, errorCodes } from './codes.ts';
export {
  invalidArgument,
  refusal,
  toWeftError,
  WeftError,
  type WeftErrorOptions,
} from './weft-error.ts';
