// Original file: proto/weft/nlp/v1/nlp.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type { ClassifyRequest as _weft_nlp_v1_ClassifyRequest, ClassifyRequest__Output as _weft_nlp_v1_ClassifyRequest__Output } from '../../../weft/nlp/v1/ClassifyRequest.ts';
import type { ClassifyResponse as _weft_nlp_v1_ClassifyResponse, ClassifyResponse__Output as _weft_nlp_v1_ClassifyResponse__Output } from '../../../weft/nlp/v1/ClassifyResponse.ts';
import type { EmbedRequest as _weft_nlp_v1_EmbedRequest, EmbedRequest__Output as _weft_nlp_v1_EmbedRequest__Output } from '../../../weft/nlp/v1/EmbedRequest.ts';
import type { EmbedResponse as _weft_nlp_v1_EmbedResponse, EmbedResponse__Output as _weft_nlp_v1_EmbedResponse__Output } from '../../../weft/nlp/v1/EmbedResponse.ts';
import type { GenerateRequest as _weft_nlp_v1_GenerateRequest, GenerateRequest__Output as _weft_nlp_v1_GenerateRequest__Output } from '../../../weft/nlp/v1/GenerateRequest.ts';
import type { GenerateResponse as _weft_nlp_v1_GenerateResponse, GenerateResponse__Output as _weft_nlp_v1_GenerateResponse__Output } from '../../../weft/nlp/v1/GenerateResponse.ts';
import type { RankRequest as _weft_nlp_v1_RankRequest, RankRequest__Output as _weft_nlp_v1_RankRequest__Output } from '../../../weft/nlp/v1/RankRequest.ts';
import type { RankResponse as _weft_nlp_v1_RankResponse, RankResponse__Output as _weft_nlp_v1_RankResponse__Output } from '../../../weft/nlp/v1/RankResponse.ts';
import type { SummarizeRequest as _weft_nlp_v1_SummarizeRequest, SummarizeRequest__Output as _weft_nlp_v1_SummarizeRequest__Output } from '../../../weft/nlp/v1/SummarizeRequest.ts';
import type { SummarizeResponse as _weft_nlp_v1_SummarizeResponse, SummarizeResponse__Output as _weft_nlp_v1_SummarizeResponse__Output } from '../../../weft/nlp/v1/SummarizeResponse.ts';
import type { TokenizeRequest as _weft_nlp_v1_TokenizeRequest, TokenizeRequest__Output as _weft_nlp_v1_TokenizeRequest__Output } from '../../../weft/nlp/v1/TokenizeRequest.ts';
import type { TokenizeResponse as _weft_nlp_v1_TokenizeResponse, TokenizeResponse__Output as _weft_nlp_v1_TokenizeResponse__Output } from '../../../weft/nlp/v1/TokenizeResponse.ts';

export interface NlpServiceDefinition {
  Classify: MethodDefinition<_weft_nlp_v1_ClassifyRequest, _weft_nlp_v1_ClassifyResponse, _weft_nlp_v1_ClassifyRequest__Output, _weft_nlp_v1_ClassifyResponse__Output>
  Embed: MethodDefinition<_weft_nlp_v1_EmbedRequest, _weft_nlp_v1_EmbedResponse, _weft_nlp_v1_EmbedRequest__Output, _weft_nlp_v1_EmbedResponse__Output>
  Generate: MethodDefinition<_weft_nlp_v1_GenerateRequest, _weft_nlp_v1_GenerateResponse, _weft_nlp_v1_GenerateRequest__Output, _weft_nlp_v1_GenerateResponse__Output>
  Rank: MethodDefinition<_weft_nlp_v1_RankRequest, _weft_nlp_v1_RankResponse, _weft_nlp_v1_RankRequest__Output, _weft_nlp_v1_RankResponse__Output>
  Summarize: MethodDefinition<_weft_nlp_v1_SummarizeRequest, _weft_nlp_v1_SummarizeResponse, _weft_nlp_v1_SummarizeRequest__Output, _weft_nlp_v1_SummarizeResponse__Output>
  Tokenize: MethodDefinition<_weft_nlp_v1_TokenizeRequest, _weft_nlp_v1_TokenizeResponse, _weft_nlp_v1_TokenizeRequest__Output, _weft_nlp_v1_TokenizeResponse__Output>
}
