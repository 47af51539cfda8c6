// Original file: proto/weft/vision/v1/vision.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type { ClassifyRequest as _weft_vision_v1_ClassifyRequest, ClassifyRequest__Output as _weft_vision_v1_ClassifyRequest__Output } from '../../../weft/vision/v1/ClassifyRequest.ts';
import type { ClassifyResponse as _weft_vision_v1_ClassifyResponse, ClassifyResponse__Output as _weft_vision_v1_ClassifyResponse__Output } from '../../../weft/vision/v1/ClassifyResponse.ts';
import type { DetectRequest as _weft_vision_v1_DetectRequest, DetectRequest__Output as _weft_vision_v1_DetectRequest__Output } from '../../../weft/vision/v1/DetectRequest.ts';
import type { DetectResponse as _weft_vision_v1_DetectResponse, DetectResponse__Output as _weft_vision_v1_DetectResponse__Output } from '../../../weft/vision/v1/DetectResponse.ts';
import type { ReadTextRequest as _weft_vision_v1_ReadTextRequest, ReadTextRequest__Output as _weft_vision_v1_ReadTextRequest__Output } from '../../../weft/vision/v1/ReadTextRequest.ts';
import type { ReadTextResponse as _weft_vision_v1_ReadTextResponse, ReadTextResponse__Output as _weft_vision_v1_ReadTextResponse__Output } from '../../../weft/vision/v1/ReadTextResponse.ts';
import type { VideoFrame as _weft_vision_v1_VideoFrame, VideoFrame__Output as _weft_vision_v1_VideoFrame__Output } from '../../../weft/vision/v1/VideoFrame.ts';
import type { VideoResult as _weft_vision_v1_VideoResult, VideoResult__Output as _weft_vision_v1_VideoResult__Output } from '../../../weft/vision/v1/VideoResult.ts';

export interface VisionServiceDefinition {
  AnalyzeVideo: MethodDefinition<_weft_vision_v1_VideoFrame, _weft_vision_v1_VideoResult, _weft_vision_v1_VideoFrame__Output, _weft_vision_v1_VideoResult__Output>
  Classify: MethodDefinition<_weft_vision_v1_ClassifyRequest, _weft_vision_v1_ClassifyResponse, _weft_vision_v1_ClassifyRequest__Output, _weft_vision_v1_ClassifyResponse__Output>
  Detect: MethodDefinition<_weft_vision_v1_DetectRequest, _weft_vision_v1_DetectResponse, _weft_vision_v1_DetectRequest__Output, _weft_vision_v1_DetectResponse__Output>
  ReadText: MethodDefinition<_weft_vision_v1_ReadTextRequest, _weft_vision_v1_ReadTextResponse, _weft_vision_v1_ReadTextRequest__Output, _weft_vision_v1_ReadTextResponse__Output>
}
