// What the threads for large texts run. An error crosses the border as its code and message: a WeftError would arrive as a bare Error.
import { type ErrorCode, toWeftError } from '@weft/errors';
import { textWork } from './text-work.ts';

export interface Order {
  readonly name: keyof typeof textWork;
  readonly argument: never;
}

export type Outcome =
  | { readonly result: unknown }
  | { readonly code: ErrorCode; readonly message: string; readonly cause: string | undefined };

/** The name by which the pool finds it. */
export function work({ name, argument }: Order): Outcome {
  try {
    return { result: textWork[name](argument) };
  } catch (thrown) {
    const { code, message, cause } = toWeftError(thrown);
    return { code, message, cause: cause instanceof Error ? cause.stack : undefined };
  }
}
