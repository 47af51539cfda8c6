// Original file: proto/weft/executor/v1/executor.proto


export interface CancelPipeResponse {
}

export interface CancelPipeResponse__Output {
}
