// Starts the services and the router in front of them, in this process. They speak real gRPC with each other; what is
// started where is the only difference from a mesh over many machines. All of it stops when a part cannot start.
import type { RunningService } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import {
  portFlagOf,
  type RouterProcessSettings,
  routerProcessSettings,
  type ServiceSettings,
  serviceSettings,
} from './mesh-plan.ts';
import { type ServiceName, serviceNames, type UpSettings } from './up-settings.ts';

/** How each component is started; a test has its own. */
export interface Starters {
  startService(name: ServiceName, settings: ServiceSettings): Promise<RunningService>;
  startRouter(settings: RouterProcessSettings): Promise<RunningService>;
}

export interface Mesh {
  readonly router: RunningService;
  readonly services: readonly RunningService[];
  /** Lets the router finish what is in flight, then ends the services behind it. */
  stop(): Promise<void>;
}

/** Rejects with a WeftError that says which component cannot start, and with which flag to change a taken port. */
export async function startMesh(settings: UpSettings, starters: Starters): Promise<Mesh> {
  const names = serviceNames.filter((name) => settings.services.includes(name));
  const attempts = await Promise.allSettled(
    names.map((name) =>
      starters.startService(name, serviceSettings(name, settings)).catch((thrown: unknown) => {
        throw explain(name, thrown, settings);
      }),
    ),
  );
  const services = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  try {
    for (const attempt of attempts) if (attempt.status === 'rejected') throw attempt.reason;
    const addresses = services.map((service) => service.grpcAddress);
    const router = await starters.startRouter(routerProcessSettings(settings, addresses)).catch((thrown: unknown) => {
      throw explain('router', thrown, settings);
    });
    return {
      router,
      services,
      async stop() {
        await router.stop();
        await stopAll(services);
      },
    };
  } catch (thrown) {
    await stopAll(services);
    throw thrown;
  }
}

async function stopAll(services: readonly RunningService[]): Promise<void> {
  await Promise.all(services.map((service) => service.stop()));
}

function explain(component: ServiceName | 'router', thrown: unknown, settings: UpSettings): unknown {
  if (!(thrown instanceof WeftError)) return thrown;
  const flag = portFlagOf(component, thrown.message, settings);
  const hint = flag === undefined ? '' : `; if another weft is running, stop it, or choose a port with ${flag}`;
  return new WeftError(thrown.code, `${component}: ${thrown.message}${hint}`, { cause: thrown });
}
