// The index of models, load and unload.
import { invalidArgument } from '@weft/errors';
import type { ModelRepositoryParameter } from '@weft/rpc/messages/inference/ModelRepositoryParameter';
import type { JsonObject, JsonValue } from '../json/json-reader.ts';
import { emptyAnswer, type Exchange, jsonAnswer, type Route } from '../server/exchange.ts';
import { type Answers, ask, rpcPath } from './ask.ts';
import { readObject } from './read-object.ts';

export function repositoryRoutes(answers: Answers): readonly Route[] {
  const post = (url: string, method: string, answer: Route['answer']): Route => ({
    verb: 'POST',
    url,
    rpc: rpcPath(method),
    answer,
  });
  const change =
    (method: string): Route['answer'] =>
    async (exchange) => {
      await ask(answers, method, { request: await changeRequest(exchange), exchange });
      return emptyAnswer;
    };
  return [
    post('/v2/repository/index', 'RepositoryIndex', async (exchange) => {
      const { ready = false } = await readObject(exchange);
      if (typeof ready !== 'boolean') throw invalidArgument("'ready' must be true or false");
      const { models } = await ask(answers, 'RepositoryIndex', { request: { ready }, exchange });
      return jsonAnswer((models as Readonly<Record<string, string>>[]).map(withoutEmpty));
    }),
    post('/v2/repository/models/:model/load', 'RepositoryModelLoad', change('RepositoryModelLoad')),
    post('/v2/repository/models/:model/unload', 'RepositoryModelUnload', change('RepositoryModelUnload')),
  ];
}

/** Triton leaves out what it has nothing to say of. */
function withoutEmpty(row: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(row).filter(([, text]) => text !== ''));
}

async function changeRequest(exchange: Exchange): Promise<object> {
  const { parameters = {} } = await readObject(exchange);
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw invalidArgument("'parameters' must be an object");
  const given = Object.entries(parameters as JsonObject).map(([name, value]) => [name, parameterOf(name, value)]);
  return { modelName: exchange.param('model'), parameters: Object.fromEntries(given) };
}

/** A file's content is base64. */
function parameterOf(name: string, value: JsonValue): ModelRepositoryParameter {
  if (typeof value === 'string')
    return name.startsWith('file:') ? { bytesParam: Buffer.from(value, 'base64') } : { stringParam: value };
  if (typeof value === 'boolean') return { boolParam: value };
  if (typeof value === 'number' && Number.isInteger(value)) return { int64Param: value };
  throw invalidArgument(`parameter '${name}' must be a text, a whole number or a truth`);
}
