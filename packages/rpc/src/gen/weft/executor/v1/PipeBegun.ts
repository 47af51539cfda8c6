// Original file: proto/weft/executor/v1/executor.proto


export interface PipeBegun {
}

export interface PipeBegun__Output {
}
