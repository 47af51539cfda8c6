// The settings of this service, and the only reader of its environment.
import { modelServiceSettings, readSettings, type SettingsOf } from '@weft/config';

export const customSettings = modelServiceSettings({ port: 8041, metricsPort: 8042 });

export type CustomSettings = SettingsOf<typeof customSettings>;

/** From the command line and the environment of this process. Throws INVALID_ARGUMENT naming what is wrong. */
export function readCustomSettings(): CustomSettings {
  return readSettings(customSettings, { argv: process.argv.slice(2), env: process.env });
}
