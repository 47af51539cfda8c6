// The settings of this service, and the only reader of its environment.
import { modelServiceSettings, readSettings, type SettingsOf } from '@weft/config';

export const nlpSettings = modelServiceSettings({ port: 8011, metricsPort: 8012 });

export type NlpSettings = SettingsOf<typeof nlpSettings>;

/** From the command line and the environment of this process. Throws INVALID_ARGUMENT naming what is wrong. */
export function readNlpSettings(): NlpSettings {
  return readSettings(nlpSettings, { argv: process.argv.slice(2), env: process.env });
}
