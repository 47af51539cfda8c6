export { type ErrorCode, errorCodes } from './codes.ts';
export { internalErrorMessage, invalidArgument, toWeftError, WeftError, type WeftErrorOptions } from './weft-error.ts';
