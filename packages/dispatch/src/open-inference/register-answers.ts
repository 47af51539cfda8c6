// Offers the calls that this process answers itself over gRPC.
import type { RpcServer } from '@weft/rpc';
import type { OpenInferenceAnswers, UnaryAnswer } from './answers.ts';

export function registerAnswers(server: RpcServer, answers: Partial<OpenInferenceAnswers>): void {
  for (const [method, answer] of Object.entries(answers)) {
    // Each takes what its method's codec makes: the names are the protocol's.
    server.unary(`/inference.GRPCInferenceService/${method}`, answer as UnaryAnswer<object, object>);
  }
}
