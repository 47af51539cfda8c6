// The index of models, load and unload.
import { invalidArgument } from '@weft/errors';
import type { TextPool } from '../offload/text-pool.ts';
import { emptyAnswer, jsonAnswer, type Route } from '../server/exchange.ts';
import { type Answers, ask, askEncoded, rpcPath } from './ask.ts';
import { readObject } from './read-object.ts';

export interface RepositoryRouteOptions {
  readonly answers: Answers;
  readonly pool: TextPool;
}

export function repositoryRoutes({ answers, pool }: RepositoryRouteOptions): readonly Route[] {
  const post = (url: string, method: string, answer: Route['answer']): Route => ({
    verb: 'POST',
    url,
    rpc: rpcPath(method),
    answer,
  });
  const change =
    (method: string): Route['answer'] =>
    async (exchange) => {
      const json = (await exchange.body()).bytes();
      const target = { rpc: rpcPath(method), model: exchange.param('model') };
      const payload = await pool.run('parseChange', { json, target }, json.length >= pool.largeJsonBytes);
      await askEncoded(answers, method, { payload, exchange });
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
