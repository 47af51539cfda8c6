// The replicas that `--endpoints` names, found, dialled and handed to the engine, as the settings say.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseEndpointSource } from '@weft/config';
import {
  Discovery,
  type DispatchEngine,
  noSearchList,
  openNameServer,
  openSliceApi,
  parseSearchList,
  RemoteReplica,
  resolveEndpoints,
  type SearchList,
} from '@weft/dispatch';
import { systemClock } from '@weft/flow';
import { createChannelCredentials, type OnUnsent } from '@weft/rpc';
import type { Log } from '@weft/telemetry';
import type { RouterSettings } from './config.ts';

export interface FollowedReplicas {
  /** Resolves once each name was resolved and each replica reached, or could not be. */
  readonly contacted: Promise<void>;
  /** How many are connected and how many are not. */
  readonly counts: Discovery['counts'];
  stop(): void;
}

export function followReplicas(
  settings: RouterSettings,
  { engine, log, onUnsent }: { readonly engine: DispatchEngine; readonly log: Log; readonly onUnsent: OnUnsent },
): FollowedReplicas {
  const credentials = createChannelCredentials({
    tlsCa: settings.executorTlsCa,
    tlsCert: settings.executorTlsCert,
    tlsKey: settings.executorTlsKey,
    tokenFile: settings.executorTokenFile,
  });
  const routerId = randomUUID();
  const { dnsServer: servers, kubeconfig } = settings;
  // Who names a server asks it for complete names: the search list belongs to the system's own.
  const names = openNameServer({ servers, searchList: servers.length > 0 ? noSearchList : systemSearchList() });
  const discovery = new Discovery({
    sources: settings.endpoints.map(parseEndpointSource),
    resolve: (source, previous) => resolveEndpoints(source, { names, previous }),
    intervalMs: settings.resolveInterval,
    slices: openSliceApi(kubeconfig === undefined ? { kind: 'pod' } : { kind: 'kubeconfig', file: kubeconfig }),
    clock: systemClock,
    log,
    createReplica: (found) =>
      new RemoteReplica({
        ...found,
        routerId,
        credentials,
        engine,
        clock: systemClock,
        log,
        onUnsent,
      }),
  });
  return {
    contacted: discovery.start(),
    get counts() {
      return discovery.counts;
    },
    stop() {
      discovery.stop();
      names.stop();
    },
  };
}

/** Systems without resolv.conf have no such list. */
function systemSearchList(): SearchList {
  try {
    return parseSearchList(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return noSearchList;
  }
}
