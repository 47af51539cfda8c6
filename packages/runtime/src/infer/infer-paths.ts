// The methods of the Open Inference Protocol that a worker answers.

export const inferPath = '/inference.GRPCInferenceService/ModelInfer';
/** Of a decoupled model: one stream for each request. */
export const streamInferPath = '/inference.GRPCInferenceService/ModelStreamInfer';
