// From the settings of `weft up` to those of each component. Services listen on loopback only: the router in front of
// them is what others reach. They ask for credentials only when the router has some to show (`executorTokenFile`).
import type {
  ArtifactSettings,
  CanarySettings,
  EventLogSettings,
  LimitSettings,
  LogSettings,
  ModelSettings,
  ProbeSettings,
  RouterSettings,
  ServerSettings,
} from '@weft/config';
import type { ServiceName, UpSettings } from './up-settings.ts';

type ListenSettings = ServerSettings & ProbeSettings & { readonly port: number; readonly metricsPort: number };

export type ServiceSettings = ListenSettings &
  ModelSettings &
  EventLogSettings &
  ArtifactSettings &
  LimitSettings &
  LogSettings;
export type RouterProcessSettings = ListenSettings &
  RouterSettings &
  LogSettings &
  EventLogSettings &
  CanarySettings &
  Pick<UpSettings, 'dataDirectory'>;

const loopback = '127.0.0.1';

export function serviceSettings(name: ServiceName, settings: UpSettings): ServiceSettings {
  return {
    ...settings,
    bind: loopback,
    port: settings[`${name}Port`],
    metricsPort: settings[`${name}MetricsPort`],
    healthPort: undefined,
    tlsCert: undefined,
    tlsKey: undefined,
    tlsCa: undefined,
    tokenFile: settings.executorTokenFile === undefined ? undefined : settings.tokenFile,
  };
}

/** The router serves from the services started here, and from what `--endpoints` names besides. */
export function routerProcessSettings(settings: UpSettings, addresses: readonly string[]): RouterProcessSettings {
  return { ...settings, healthPort: undefined, endpoints: [...addresses, ...settings.endpoints] };
}

/** The flag of the port in a component's failure to listen, so that the message can say how to choose another. */
export function portFlagOf(
  component: ServiceName | 'router',
  message: string,
  settings: UpSettings,
): string | undefined {
  const [port, metricsPort] =
    component === 'router'
      ? [settings.port, settings.metricsPort]
      : [settings[`${component}Port`], settings[`${component}MetricsPort`]];
  if (component === 'router' && message.includes(`:${settings.httpPort}`)) return '--http-port';
  const prefix = component === 'router' ? '--' : `--${component}-`;
  if (message.includes(`:${metricsPort}`)) return `${prefix}metrics-port`;
  return message.includes(`:${port}`) ? `${prefix}port` : undefined;
}
