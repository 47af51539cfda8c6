// Original file: proto/weft/executor/v1/executor.proto

export const ModelState = {
  MODEL_STATE_UNSPECIFIED: 'MODEL_STATE_UNSPECIFIED',
  MODEL_STATE_LOADING: 'MODEL_STATE_LOADING',
  MODEL_STATE_READY: 'MODEL_STATE_READY',
  MODEL_STATE_UNLOADING: 'MODEL_STATE_UNLOADING',
  MODEL_STATE_UNAVAILABLE: 'MODEL_STATE_UNAVAILABLE',
} as const;

export type ModelState =
  | 'MODEL_STATE_UNSPECIFIED'
  | 0
  | 'MODEL_STATE_LOADING'
  | 1
  | 'MODEL_STATE_READY'
  | 2
  | 'MODEL_STATE_UNLOADING'
  | 3
  | 'MODEL_STATE_UNAVAILABLE'
  | 4

export type ModelState__Output = typeof ModelState[keyof typeof ModelState]
