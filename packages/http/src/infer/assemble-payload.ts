// A ModelInferRequest put together: its head, then each tensor's bytes, copied once from where they came.
import { invalidArgument, WeftError } from '@weft/errors';
import { asBuffer, bytesFieldSize, FieldWriter } from '@weft/rpc/wire';
import type { Content, InferPlan, InferTarget } from './infer-plan.ts';

/** What follows the JSON. */
export interface BinaryPart {
  readonly length: number;
  copy(target: Buffer, targetStart: number, range: { readonly start: number; readonly end: number }): void;
}

const rawContents = 7;

export function assemblePayload(
  { head, contents }: Pick<InferPlan, 'head' | 'contents'>,
  { model, maxBytes }: InferTarget,
  binary?: BinaryPart,
): Buffer {
  checkSizes(contents, model, binary);
  if (contents.length === 0) return asBuffer(head);
  const size = contents.reduce((sum, content) => sum + bytesFieldSize(content.size), head.length);
  if (size > maxBytes) throw new WeftError('RESOURCE_EXHAUSTED', `the request is larger than ${maxBytes} bytes`);
  const out = new FieldWriter(size);
  out.bytes.set(head, 0);
  out.at = head.length;
  let start = 0;
  for (const { size: length, bytes } of contents) {
    out.open(rawContents, length);
    if (bytes === undefined) {
      binary?.copy(out.bytes, out.at, { start, end: start + length });
      start += length;
    } else out.bytes.set(bytes, out.at);
    out.at += length;
  }
  return out.bytes;
}

/** Triton's texts. */
function checkSizes(contents: readonly Content[], model: string, binary: BinaryPart | undefined): void {
  let left = binary?.length ?? 0;
  for (const { name, size, bytes } of contents) {
    if (bytes !== undefined) continue;
    if (size > left)
      throw invalidArgument(
        `unexpected size for input '${name}', expecting ${size - left} additional bytes for model '${model}'`,
      );
    left -= size;
  }
  if (left > 0) throw invalidArgument(`unexpected additional input data for model '${model}'`);
}
