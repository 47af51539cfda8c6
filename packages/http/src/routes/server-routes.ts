// Health, and what the server and its models say of themselves. Triton's clients read the status of health and readiness, KServe's
// the body.
import { type Exchange, jsonAnswer, type Route } from '../server/exchange.ts';
import { type Answers, ask, rpcPath } from './ask.ts';

/** The protocol's status for "no". */
const notReady = 400;

export function serverRoutes(answers: Answers): readonly Route[] {
  const get = (url: string, method: string, answer: Route['answer']): Route => ({
    verb: 'GET',
    url,
    rpc: rpcPath(method),
    answer,
  });
  const model = (exchange: Exchange) => ({ name: exchange.param('model'), version: exchange.param('version') });
  const yesOrNo =
    (method: string, field: string): Route['answer'] =>
    async (exchange) => {
      const response = await ask(answers, method, { request: model(exchange), exchange });
      const yes = response[field] === true;
      return jsonAnswer({ [field]: yes }, yes ? 200 : notReady);
    };
  const whole =
    (method: string): Route['answer'] =>
    async (exchange) =>
      jsonAnswer(await ask(answers, method, { request: model(exchange), exchange }));
  const config: Route['answer'] = async (exchange) =>
    jsonAnswer((await ask(answers, 'ModelConfig', { request: model(exchange), exchange }))['config'] ?? {});
  return [
    get('/v2/health/live', 'ServerLive', yesOrNo('ServerLive', 'live')),
    get('/v2/health/ready', 'ServerReady', yesOrNo('ServerReady', 'ready')),
    get('/v2', 'ServerMetadata', whole('ServerMetadata')),
    get('/v2/models/stats', 'ModelStatistics', whole('ModelStatistics')),
    ...['/v2/models/:model', '/v2/models/:model/versions/:version'].flatMap((url) => [
      get(url, 'ModelMetadata', whole('ModelMetadata')),
      get(`${url}/ready`, 'ModelReady', yesOrNo('ModelReady', 'ready')),
      get(`${url}/config`, 'ModelConfig', config),
      get(`${url}/stats`, 'ModelStatistics', whole('ModelStatistics')),
    ]),
  ];
}
