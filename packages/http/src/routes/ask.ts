// The calls that the process answers itself, for routes: with the same functions as over gRPC.
import type { OpenInferenceAnswers, UnaryAnswer } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { responseJson, rpcMethod } from '@weft/rpc';
import { asBuffer } from '@weft/rpc/wire';
import type { Exchange } from '../server/exchange.ts';

const service = '/inference.GRPCInferenceService/';

export type Answers = Partial<OpenInferenceAnswers>;

export function rpcPath(method: string): string {
  return `${service}${method}`;
}

/** The response in the JSON form of the protocol. `request` may leave out what is empty. */
export function ask(
  answers: Answers,
  method: string,
  { request, exchange }: { readonly request: object; readonly exchange: Exchange },
): Promise<Readonly<Record<string, unknown>>> {
  const payload = rpcMethod(rpcPath(method)).encodeRequest(request);
  return askEncoded(answers, method, { payload, exchange });
}

/** Likewise, of a request that is a message already. */
export async function askEncoded(
  answers: Answers,
  method: string,
  { payload, exchange }: { readonly payload: Uint8Array; readonly exchange: Exchange },
): Promise<Readonly<Record<string, unknown>>> {
  const path = rpcPath(method);
  const answer = (answers as Readonly<Record<string, UnaryAnswer<object, object> | undefined>>)[method];
  if (answer === undefined) throw new WeftError('UNIMPLEMENTED', `this process does not serve ${path}`);
  const response = await answer(rpcMethod(path).decodeRequest(asBuffer(payload)), { ...exchange.caller, path });
  return responseJson(path, response) as Readonly<Record<string, unknown>>;
}
