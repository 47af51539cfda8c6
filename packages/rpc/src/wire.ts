// The half of this package that every instance's worker needs: codecs, no server and no channel. grpc-js would cost every
// worker some ten megabytes and a tenth of a second of a processor that others want; `@weft/rpc/protos`, which only typed
// methods need, as much again.
export {
  encodeResult,
  type Execution,
  type ItemResult,
  type ItemStatus,
  type ItemTimes,
  type Result,
} from './executor/replica-message.ts';
export type { ItemSequence, SequenceId } from './executor/item-sequence.ts';
export { type BatchHeader, type BatchItem, encodeBatch, readBatch } from './executor/router-message.ts';
export { grpcStatusOf } from './grpc-status.ts';
export { inferPath, streamInferPath } from './infer-paths.ts';
export { protoDirectory } from './proto-directory.ts';
export { checkInputs, checkOutputs, type ModelTensors } from './infer/check-inputs.ts';
export { headSize, type RawTensor, type TensorHead, writeHead } from './infer/given-tensor.ts';
export { type GivenInput, type GivenRequest, readInferRequest } from './infer/read-infer-request.ts';
export { rawContents } from './infer/raw-contents.ts';
export { readInferResponse } from './infer/read-infer-response.ts';
export { refusingMalformed } from './infer/refusing-malformed.ts';
export { readTypedContents } from './infer/typed-contents.ts';
export { type InferResponse, writeInferResponse } from './infer/write-infer-response.ts';
export { finalResponseEntry } from './wire/final-response.ts';
export { asBuffer } from './wire/as-buffer.ts';
export { FieldReader, MalformedMessage } from './wire/read.ts';
export { bytesFieldSize, FieldWriter, textFieldSize, varintFieldSize, varintSize } from './wire/write.ts';
