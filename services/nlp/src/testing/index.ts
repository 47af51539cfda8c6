// For tests of the mesh and benches; no product code imports it.
export {
  beginToken,
  type CountingDecoder,
  continuation,
  endToken,
  nextToken,
  vocabularySize,
  writeCountingDecoder,
} from './counting-decoder.ts';
export { type CountingExport, countingExport, largeCountingExport } from './counting-export.ts';
export { readTextTokenizer, type TextTokenizer } from '../tasks/generation/text-tokenizer.ts';
export { type OpenedDecoder, openDecoderModel, type WrittenText } from './open-decoder-model.ts';
