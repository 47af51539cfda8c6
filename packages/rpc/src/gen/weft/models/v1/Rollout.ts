// Original file: proto/weft/models/v1/models.proto


export interface Rollout {
  'stable'?: (string);
  'canary'?: (string);
  'canaryShare'?: (number | string);
  'shadow'?: (string);
  'shadowShare'?: (number | string);
}

export interface Rollout__Output {
  'stable': (string);
  'canary': (string);
  'canaryShare': (number);
  'shadow': (string);
  'shadowShare': (number);
}
