// Original file: proto/weft/executor/v1/executor.proto


export interface PipeCancel {
}

export interface PipeCancel__Output {
}
