// The settings of this service, and the only reader of its environment.
import {
  artifactSettings,
  eventLogSettings,
  limitSettings,
  logSettings,
  modelSettings,
  probeSettings,
  readSettings,
  type SettingsOf,
  serverSettings,
  withDefaults,
} from '@weft/config';

export const customSettings = {
  ...withDefaults(serverSettings, { port: 8041, metricsPort: 8042 }),
  ...modelSettings,
  ...eventLogSettings,
  ...artifactSettings,
  ...limitSettings,
  ...logSettings,
  ...probeSettings,
};

export type CustomSettings = SettingsOf<typeof customSettings>;

/** From the command line and the environment of this process. Throws INVALID_ARGUMENT naming what is wrong. */
export function readCustomSettings(): CustomSettings {
  return readSettings(customSettings, { argv: process.argv.slice(2), env: process.env });
}
