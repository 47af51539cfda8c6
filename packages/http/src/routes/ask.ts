// The calls that the process answers itself, for routes: with the same functions as over gRPC.
import type { OpenInferenceAnswers, UnaryAnswer } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { responseJson, rpcMethod } from '@weft/rpc';
import type { Exchange } from '../server/exchange.ts';

const service = '/inference.GRPCInferenceService/';

export type Answers = Partial<OpenInferenceAnswers>;

export function rpcPath(method: string): string {
  return `${service}${method}`;
}

/** The response in the JSON form of the protocol. `request` may leave out what is empty. */
export async function ask(
  answers: Answers,
  method: string,
  { request, exchange }: { readonly request: object; readonly exchange: Exchange },
): Promise<Readonly<Record<string, unknown>>> {
  const path = rpcPath(method);
  const codec = rpcMethod(path);
  const answer = (answers as Readonly<Record<string, UnaryAnswer<object, object> | undefined>>)[method];
  if (answer === undefined) throw new WeftError('UNIMPLEMENTED', `this process does not serve ${path}`);
  const response = await answer(codec.decodeRequest(codec.encodeRequest(request)), { ...exchange.caller, path });
  return responseJson(path, response) as Readonly<Record<string, unknown>>;
}
