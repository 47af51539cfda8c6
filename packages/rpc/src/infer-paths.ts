// The two methods of the Open Inference Protocol that replicas answer.

export const inferPath = '/inference.GRPCInferenceService/ModelInfer';

/** Every message of a decoupled model is a stream of this method, with the one request. */
export const streamInferPath = '/inference.GRPCInferenceService/ModelStreamInfer';
