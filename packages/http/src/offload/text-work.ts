// The work that turns JSON into protobuf and back: pure functions from bytes to bytes, which run where they are called when they
// are small, and in a worker when they are not.
import { asBuffer } from '@weft/rpc/wire';
import type { InferPlan, InferTarget, OutputWish } from '../infer/infer-plan.ts';
import { readInferAnswer, writeInferJson } from '../infer/infer-answer.ts';
import { parseInfer } from '../infer/parse-infer.ts';
import { type EmbeddingsAnswer, writeEmbeddings } from '../openai/embed-answer.ts';
import { type EmbeddingsRequest, parseEmbeddings } from '../openai/embed-request.ts';
import { type ChangeTarget, parseChange } from '../routes/parse-change.ts';

/** Every argument and result survives a structured clone. */
export const textWork = {
  parseInfer: ({ json, target }: { readonly json: Uint8Array; readonly target: InferTarget }): InferPlan =>
    parseInfer(asBuffer(json), target),
  writeInfer: ({ payload, wish }: { readonly payload: Uint8Array; readonly wish: OutputWish }): Uint8Array =>
    writeInferJson(readInferAnswer(asBuffer(payload), wish)),
  parseEmbeddings: ({ json }: { readonly json: Uint8Array }): EmbeddingsRequest => parseEmbeddings(asBuffer(json)),
  parseChange: ({ json, target }: { readonly json: Uint8Array; readonly target: ChangeTarget }): Uint8Array =>
    parseChange(asBuffer(json), target),
  writeEmbeddings: (answer: EmbeddingsAnswer): Uint8Array => writeEmbeddings(answer),
} as const;

export type TextWork = typeof textWork;
