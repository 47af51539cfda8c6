// Original file: proto/weft/executor/v1/executor.proto


export interface PipeHalfClose {
}

export interface PipeHalfClose__Output {
}
