// Original file: proto/weft/nlp/v1/nlp.proto

import type { Label as _weft_nlp_v1_Label, Label__Output as _weft_nlp_v1_Label__Output } from '../../../weft/nlp/v1/Label.ts';

export interface Classification {
  'labels'?: (_weft_nlp_v1_Label)[];
}

export interface Classification__Output {
  'labels': (_weft_nlp_v1_Label__Output)[];
}
