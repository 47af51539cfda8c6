// Original file: proto/weft/generator/v1/generator.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type { GenerateRequest as _weft_generator_v1_GenerateRequest, GenerateRequest__Output as _weft_generator_v1_GenerateRequest__Output } from '../../../weft/generator/v1/GenerateRequest.ts';
import type { GenerateResponse as _weft_generator_v1_GenerateResponse, GenerateResponse__Output as _weft_generator_v1_GenerateResponse__Output } from '../../../weft/generator/v1/GenerateResponse.ts';
import type { InterpolateRequest as _weft_generator_v1_InterpolateRequest, InterpolateRequest__Output as _weft_generator_v1_InterpolateRequest__Output } from '../../../weft/generator/v1/InterpolateRequest.ts';
import type { UpscaleRequest as _weft_generator_v1_UpscaleRequest, UpscaleRequest__Output as _weft_generator_v1_UpscaleRequest__Output } from '../../../weft/generator/v1/UpscaleRequest.ts';
import type { UpscaleResponse as _weft_generator_v1_UpscaleResponse, UpscaleResponse__Output as _weft_generator_v1_UpscaleResponse__Output } from '../../../weft/generator/v1/UpscaleResponse.ts';
import type { UpscaleTile as _weft_generator_v1_UpscaleTile, UpscaleTile__Output as _weft_generator_v1_UpscaleTile__Output } from '../../../weft/generator/v1/UpscaleTile.ts';

export interface GeneratorServiceDefinition {
  Generate: MethodDefinition<_weft_generator_v1_GenerateRequest, _weft_generator_v1_GenerateResponse, _weft_generator_v1_GenerateRequest__Output, _weft_generator_v1_GenerateResponse__Output>
  Interpolate: MethodDefinition<_weft_generator_v1_InterpolateRequest, _weft_generator_v1_GenerateResponse, _weft_generator_v1_InterpolateRequest__Output, _weft_generator_v1_GenerateResponse__Output>
  Upscale: MethodDefinition<_weft_generator_v1_UpscaleRequest, _weft_generator_v1_UpscaleResponse, _weft_generator_v1_UpscaleRequest__Output, _weft_generator_v1_UpscaleResponse__Output>
  UpscaleStream: MethodDefinition<_weft_generator_v1_UpscaleRequest, _weft_generator_v1_UpscaleTile, _weft_generator_v1_UpscaleRequest__Output, _weft_generator_v1_UpscaleTile__Output>
}
