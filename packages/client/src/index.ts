export { type ErrorCode, WeftError } from '@weft/errors';
export type {
  AdminCallOptions,
  AdminClient,
  DesiredModel,
  LoadOptions,
  ModelConfig,
  Outcome,
  ProfilesOptions,
  ReplicaProfile,
  RolloutResult,
} from './admin/admin-client.ts';
export { type DigestOptions, digestFile, type FileDigest } from './admin/local-files.ts';
export type { PushOptions, PushResult } from './admin/push.ts';
export type { LocalFile, PushFile, PushProgress, PushRequest, RemoteFile } from './admin/push-request.ts';
export type { RolloutChange, VersionChoice } from './admin/rollout-change.ts';
export type { ModelStatus, ModelsSnapshot, VersionStatus, WatchOptions } from './admin/watch-models.ts';
export type { CallOptions } from './call-options.ts';
export { connect, type WeftClient } from './connect.ts';
export type { ConnectOptions, RetryOptions, TlsOptions } from './connect-options.ts';
export { type Datatype, isDatatype, type TypedArray } from './datatype.ts';
export type { AnalyzeVideoOptions } from './follow-video.ts';
export type {
  GeneratedImage,
  GenerateRequest,
  GeneratorClient,
  ImageFormat,
  InterpolateRequest,
  UpscaleRequest,
  UpscaleResponse,
  UpscaleTile,
} from './generator-client.ts';
export type { ImageInput, RawPixels } from './image-message.ts';
export type { InferRequest, InferResponse, ParameterValue } from './infer.ts';
export type {
  IndexOptions,
  ModelCallOptions,
  ModelIndex,
  ModelMetadata,
  ModelsClient,
  ServerClient,
  ServerMetadata,
} from './inference-client.ts';
export type { ChatMessage, GenerateInput, NlpClient } from './nlp-client.ts';
export type { StreamInferOptions, StreamInferResponse } from './stream-infer.ts';
export type { Surroundings } from './surroundings.ts';
export { elementCount, type InferTensor, type OutputTensor, type TensorElements, tensorValues } from './tensor.ts';
export type { Detection, DetectResponse, VideoFrameInput, VideoResult, VisionClient } from './vision-client.ts';
