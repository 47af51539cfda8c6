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
export { type OpenedDecoder, openDecoderModel, type WrittenText } from './open-decoder-model.ts';
