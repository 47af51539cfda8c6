// What the router itself says of a deployment, where it can be reached: whether it is ready, and which models do not serve and why.
import { WeftError } from '@weft/errors';
import type { Asking } from '../router-client.ts';
import type { Finding } from './finding.ts';

export async function routerFindings({ client, router }: Pick<Asking, 'client' | 'router'>): Promise<Finding[]> {
  const where = `router at ${router}`;
  try {
    const [ready, models] = await Promise.all([client.server.ready(), client.models.index()]);
    return [
      ...(ready ? [] : [{ where, what: 'is not ready', toDo: 'see its log' }]),
      ...models
        .filter(({ state }) => state !== 'READY')
        .map(({ name, version, state, reason }) => ({
          where: `model ${name}${version === '' ? '' : ` version ${version}`}`,
          what: `is ${state}${reason === '' ? '' : `: ${reason}`}`,
          toDo: 'weft models tells how each replica fares with it',
        })),
    ];
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
    return [{ where, what: thrown.message, toDo: 'forward its port, and give --ca and a token: docs/deploy.md' }];
  }
}
