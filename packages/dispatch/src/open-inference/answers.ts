// The calls of the Open Inference Protocol that this process answers itself, as plain functions from message to message: gRPC and
// HTTP both offer them, so that neither knows more than the other.
import type { CudaSharedMemoryRegisterRequest__Output } from '@weft/rpc/messages/inference/CudaSharedMemoryRegisterRequest';
import type { CudaSharedMemoryRegisterResponse } from '@weft/rpc/messages/inference/CudaSharedMemoryRegisterResponse';
import type { CudaSharedMemoryStatusRequest__Output } from '@weft/rpc/messages/inference/CudaSharedMemoryStatusRequest';
import type { CudaSharedMemoryStatusResponse } from '@weft/rpc/messages/inference/CudaSharedMemoryStatusResponse';
import type { CudaSharedMemoryUnregisterRequest__Output } from '@weft/rpc/messages/inference/CudaSharedMemoryUnregisterRequest';
import type { CudaSharedMemoryUnregisterResponse } from '@weft/rpc/messages/inference/CudaSharedMemoryUnregisterResponse';
import type { SystemSharedMemoryRegisterRequest__Output } from '@weft/rpc/messages/inference/SystemSharedMemoryRegisterRequest';
import type { SystemSharedMemoryRegisterResponse } from '@weft/rpc/messages/inference/SystemSharedMemoryRegisterResponse';
import type { SystemSharedMemoryStatusRequest__Output } from '@weft/rpc/messages/inference/SystemSharedMemoryStatusRequest';
import type { SystemSharedMemoryStatusResponse } from '@weft/rpc/messages/inference/SystemSharedMemoryStatusResponse';
import type { SystemSharedMemoryUnregisterRequest__Output } from '@weft/rpc/messages/inference/SystemSharedMemoryUnregisterRequest';
import type { SystemSharedMemoryUnregisterResponse } from '@weft/rpc/messages/inference/SystemSharedMemoryUnregisterResponse';
import type { LogSettingsRequest__Output } from '@weft/rpc/messages/inference/LogSettingsRequest';
import type { LogSettingsResponse } from '@weft/rpc/messages/inference/LogSettingsResponse';
import type { ModelConfigRequest__Output } from '@weft/rpc/messages/inference/ModelConfigRequest';
import type { ModelConfigResponse } from '@weft/rpc/messages/inference/ModelConfigResponse';
import type { ModelMetadataRequest__Output } from '@weft/rpc/messages/inference/ModelMetadataRequest';
import type { ModelMetadataResponse } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { ModelReadyRequest__Output } from '@weft/rpc/messages/inference/ModelReadyRequest';
import type { ModelReadyResponse } from '@weft/rpc/messages/inference/ModelReadyResponse';
import type { ModelStatisticsRequest__Output } from '@weft/rpc/messages/inference/ModelStatisticsRequest';
import type { ModelStatisticsResponse } from '@weft/rpc/messages/inference/ModelStatisticsResponse';
import type { RepositoryIndexRequest__Output } from '@weft/rpc/messages/inference/RepositoryIndexRequest';
import type { RepositoryIndexResponse } from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import type { RepositoryModelLoadRequest__Output } from '@weft/rpc/messages/inference/RepositoryModelLoadRequest';
import type { RepositoryModelLoadResponse } from '@weft/rpc/messages/inference/RepositoryModelLoadResponse';
import type { RepositoryModelUnloadRequest__Output } from '@weft/rpc/messages/inference/RepositoryModelUnloadRequest';
import type { RepositoryModelUnloadResponse } from '@weft/rpc/messages/inference/RepositoryModelUnloadResponse';
import type { ServerLiveRequest__Output } from '@weft/rpc/messages/inference/ServerLiveRequest';
import type { ServerLiveResponse } from '@weft/rpc/messages/inference/ServerLiveResponse';
import type { ServerMetadataRequest__Output } from '@weft/rpc/messages/inference/ServerMetadataRequest';
import type { ServerMetadataResponse } from '@weft/rpc/messages/inference/ServerMetadataResponse';
import type { ServerReadyRequest__Output } from '@weft/rpc/messages/inference/ServerReadyRequest';
import type { ServerReadyResponse } from '@weft/rpc/messages/inference/ServerReadyResponse';
import type { TraceSettingRequest__Output } from '@weft/rpc/messages/inference/TraceSettingRequest';
import type { TraceSettingResponse } from '@weft/rpc/messages/inference/TraceSettingResponse';
import type { Caller } from '../engine/caller.ts';

/** Throws, or rejects with, a WeftError that says why there is no answer. */
export type UnaryAnswer<Request, Response> = (request: Request, caller: Caller) => Promise<Response> | Response;

/** By the name of the method. */
export interface OpenInferenceAnswers {
  readonly ServerLive: UnaryAnswer<ServerLiveRequest__Output, ServerLiveResponse>;
  readonly ServerReady: UnaryAnswer<ServerReadyRequest__Output, ServerReadyResponse>;
  readonly ServerMetadata: UnaryAnswer<ServerMetadataRequest__Output, ServerMetadataResponse>;
  readonly ModelReady: UnaryAnswer<ModelReadyRequest__Output, ModelReadyResponse>;
  readonly ModelMetadata: UnaryAnswer<ModelMetadataRequest__Output, ModelMetadataResponse>;
  readonly ModelConfig: UnaryAnswer<ModelConfigRequest__Output, ModelConfigResponse>;
  readonly ModelStatistics: UnaryAnswer<ModelStatisticsRequest__Output, ModelStatisticsResponse>;
  readonly RepositoryIndex: UnaryAnswer<RepositoryIndexRequest__Output, RepositoryIndexResponse>;
  readonly RepositoryModelLoad: UnaryAnswer<RepositoryModelLoadRequest__Output, RepositoryModelLoadResponse>;
  readonly RepositoryModelUnload: UnaryAnswer<RepositoryModelUnloadRequest__Output, RepositoryModelUnloadResponse>;
  readonly LogSettings: UnaryAnswer<LogSettingsRequest__Output, LogSettingsResponse>;
  readonly TraceSetting: UnaryAnswer<TraceSettingRequest__Output, TraceSettingResponse>;
  readonly CudaSharedMemoryRegister: UnaryAnswer<
    CudaSharedMemoryRegisterRequest__Output,
    CudaSharedMemoryRegisterResponse
  >;
  readonly CudaSharedMemoryStatus: UnaryAnswer<CudaSharedMemoryStatusRequest__Output, CudaSharedMemoryStatusResponse>;
  readonly CudaSharedMemoryUnregister: UnaryAnswer<
    CudaSharedMemoryUnregisterRequest__Output,
    CudaSharedMemoryUnregisterResponse
  >;
  readonly SystemSharedMemoryRegister: UnaryAnswer<
    SystemSharedMemoryRegisterRequest__Output,
    SystemSharedMemoryRegisterResponse
  >;
  readonly SystemSharedMemoryStatus: UnaryAnswer<
    SystemSharedMemoryStatusRequest__Output,
    SystemSharedMemoryStatusResponse
  >;
  readonly SystemSharedMemoryUnregister: UnaryAnswer<
    SystemSharedMemoryUnregisterRequest__Output,
    SystemSharedMemoryUnregisterResponse
  >;
}
