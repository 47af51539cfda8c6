// Original file: proto/weft/router/v1/admin.proto


export interface WatchModelsRequest {
}

export interface WatchModelsRequest__Output {
}
