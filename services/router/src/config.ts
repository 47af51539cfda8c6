// The settings of the router, and the only reader of its environment.
import {
  canarySettings,
  dataSettings,
  eventLogSettings,
  logSettings,
  probeSettings,
  readSettings,
  routerSettings as dispatchSettings,
  type SettingsOf,
  serverSettings,
  withDefaults,
} from '@weft/config';

export const routerSettings = {
  // Where there are several routers, no client stays with one of them for ever.
  ...withDefaults(serverSettings, { port: 8001, metricsPort: 8002, maxConnectionAge: 5 * 60_000 }),
  ...dispatchSettings,
  ...eventLogSettings,
  ...dataSettings,
  ...canarySettings,
  ...logSettings,
  ...probeSettings,
};

export type RouterSettings = SettingsOf<typeof routerSettings>;

/** From the command line and the environment of this process. Throws INVALID_ARGUMENT naming what is wrong. */
export function readRouterSettings(): RouterSettings {
  return readSettings(routerSettings, { argv: process.argv.slice(2), env: process.env });
}
