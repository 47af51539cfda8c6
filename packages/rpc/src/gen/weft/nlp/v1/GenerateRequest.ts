// Original file: proto/weft/nlp/v1/nlp.proto

import type { ChatMessage as _weft_nlp_v1_ChatMessage, ChatMessage__Output as _weft_nlp_v1_ChatMessage__Output } from '../../../weft/nlp/v1/ChatMessage.ts';
import type { Long } from '@grpc/proto-loader';

export interface GenerateRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'prompt'?: (string);
  'maxTokens'?: (number);
  'temperature'?: (number | string);
  'topP'?: (number | string);
  'stop'?: (string)[];
  'seed'?: (number | string | Long);
  'messages'?: (_weft_nlp_v1_ChatMessage)[];
  '_seed'?: "seed";
}

export interface GenerateRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'prompt': (string);
  'maxTokens': (number);
  'temperature': (number);
  'topP': (number);
  'stop': (string)[];
  'seed'?: (number);
  'messages': (_weft_nlp_v1_ChatMessage__Output)[];
  '_seed'?: "seed";
}
