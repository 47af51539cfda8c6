// From the generated message types to what a person likes to write: which model answers is said in the call's options,
// what a request cannot do without is required, arrays may be readonly, and numbers are numbers.

type ModelFields = 'model' | 'modelVersion';

type Input<Value> = number extends Value
  ? number
  : Value extends readonly (infer Element)[]
    ? readonly Element[]
    : Value;

/** A request message without its model fields; the fields in `Needed` are required. */
export type RequestOf<Message, Needed extends keyof Message> = {
  readonly [Field in Needed]-?: Input<NonNullable<Message[Field]>>;
} & {
  readonly [Field in Exclude<keyof Message, Needed | ModelFields>]?: Input<NonNullable<Message[Field]>> | undefined;
};
