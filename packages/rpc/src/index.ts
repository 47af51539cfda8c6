export { type ChannelTerms, openChannel, openRawBidi, openServerStream } from './channel.ts';
export {
  type ChannelCredentialFiles,
  createChannelCredentials,
  createServerCredentials,
  type DialCredentials,
  type ServerCredentialFiles,
} from './credentials.ts';
export { fragmentsOf, type Message, Reassembler, wholeOf } from './executor/fragments.ts';
export { MessageSender } from './executor/message-sender.ts';
export {
  decodePipeRequest,
  decodePipeResponse,
  encodePipeBegun,
  encodePipeEnd,
  encodePipeHalfClose,
  encodePipeOpen,
  cancelPipePath,
  pipeIdKey,
  pipeMessageFields,
  pipePath,
  type PipeRequestPart,
  type PipeMove,
  type PipeResponsePart,
} from './executor/pipe-message.ts';
export { PipeSender } from './executor/pipe-sender.ts';
export {
  type CreditKind,
  decodeReplicaMessage,
  encodeCredit,
  encodeDrain,
  encodeResult,
  encodeSharing,
  type Execution,
  type ItemResult,
  type ItemStatus,
  type ItemTimes,
  type ReplicaMessage,
  type Result,
  type Sharing,
} from './executor/replica-message.ts';
export type { ItemSequence, SequenceId } from './executor/item-sequence.ts';
export {
  type BatchHeader,
  type BatchItem,
  type Demand,
  decodeRouterMessage,
  encodeBatch,
  encodeCancel,
  encodeDemand,
  encodeOpen,
  type RouterMessage,
  readBatch,
  readBatchHeader,
} from './executor/router-message.ts';
export {
  createGate,
  type Gate,
  type GateCall,
  type Identity,
  openTokenFile,
  type RequiredRole,
  type Role,
  requiredRole,
  type TokenStore,
  withPriority,
} from './gate/index.ts';
export { registerReflection } from './reflection/register-reflection.ts';
export { errorCodeOf, grpcStatusOf } from './grpc-status.ts';
export { inferPath, streamInferPath } from './infer-paths.ts';
export { protoDirectory } from './proto-directory.ts';
export { loadProtos, type RpcMethod, rpcMethod, rpcMethods } from './protos.ts';
export {
  idOfRefused,
  type InferRequestScan,
  scanInferRequest,
  scanTypedRequest,
  type TypedRequestScan,
} from './scan.ts';
export type { RequestSequence } from './scan-sequence.ts';
export type { CallContext } from './server/call-context.ts';
export { Health, type ServingStatus } from './server/health.ts';
export { listenForProbes } from './server/listen-for-probes.ts';

export { responseJson } from './snake-json.ts';
export { type CallStatus, ClientStream, type ClientStreamListener } from './streams/client-stream.ts';
export { Inbox } from './streams/inbox.ts';
export { sendAll } from './streams/send-all.ts';
export type { OnUnsent } from './streams/send-window.ts';
export type { ServerStream } from './streams/server-stream.ts';
export { type RawStream, type Reply, RpcServer, type RpcServerOptions } from './server/rpc-server.ts';
export { fromServiceError, httpStatusOf, requestIdKey } from './status.ts';
export { finalResponseEntry, finalResponseKey } from './wire/final-response.ts';
export { FieldReader, MalformedMessage } from './wire/read.ts';
export { bytesFieldSize, FieldWriter, textFieldSize, varintFieldSize } from './wire/write.ts';
