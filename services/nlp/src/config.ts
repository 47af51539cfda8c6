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

export const nlpSettings = {
  ...withDefaults(serverSettings, { port: 8011, metricsPort: 8012 }),
  ...modelSettings,
  ...eventLogSettings,
  ...artifactSettings,
  ...limitSettings,
  ...logSettings,
  ...probeSettings,
};

export type NlpSettings = SettingsOf<typeof nlpSettings>;

/** From the command line and the environment of this process. Throws INVALID_ARGUMENT naming what is wrong. */
export function readNlpSettings(): NlpSettings {
  return readSettings(nlpSettings, { argv: process.argv.slice(2), env: process.env });
}
