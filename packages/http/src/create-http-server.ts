// Everything that is offered over HTTP, as one list of routes on one listener: the REST form of the Open Inference Protocol with
// Triton's extensions, and OpenAI's embeddings.
import type { Front } from '@weft/dispatch';
import { TextPool, type TextPoolOptions } from './offload/text-pool.ts';
import { openAiRoutes } from './openai/openai-routes.ts';
import type { Answers } from './routes/ask.ts';
import { inferRoutes } from './routes/infer-route.ts';
import { repositoryRoutes } from './routes/repository-routes.ts';
import { serverRoutes } from './routes/server-routes.ts';
import { settingsRoutes } from './routes/settings-routes.ts';
import { sharedMemoryRoutes } from './routes/shared-memory-routes.ts';
import type { Route } from './server/exchange.ts';
import { HttpServer, type HttpServerOptions } from './server/http-server.ts';

export interface HttpOptions extends Omit<HttpServerOptions, 'calls' | 'maxBodyBytes'> {
  readonly front: Pick<Front, 'answers' | 'calls'>;
  /** Of a body, inflated, and of the message that it becomes. */
  readonly maxMessageBytes: number;
  readonly texts?: TextPoolOptions;
}

export interface RunningHttp {
  listen(host: string, port: number): Promise<number>;
  stop(timeoutMs: number): Promise<void>;
}

export function createHttpServer({ front, maxMessageBytes, texts, ...options }: HttpOptions): RunningHttp {
  const pool = new TextPool(texts);
  const routes = allRoutes({ answers: front.answers, pool, maxBytes: maxMessageBytes });
  const server = new HttpServer({ ...options, calls: front.calls, maxBodyBytes: maxMessageBytes }, routes);
  return {
    listen: (host, port) => server.listen(host, port),
    async stop(timeoutMs) {
      await server.stop(timeoutMs);
      await pool.stop();
    },
  };
}

export interface RouteOptions {
  readonly answers: Answers;
  readonly pool: TextPool;
  readonly maxBytes: number;
}

export function allRoutes({ answers, pool, maxBytes }: RouteOptions): readonly Route[] {
  return [
    ...serverRoutes(answers),
    ...inferRoutes({ pool, maxBytes }),
    ...repositoryRoutes({ answers, pool }),
    ...settingsRoutes(answers),
    ...sharedMemoryRoutes(answers),
    ...openAiRoutes({ answers, pool }),
  ];
}
