// The settings of this service, and the only reader of its environment.
import { modelServiceSettings, readSettings, type SettingsOf } from '@weft/config';

export const generatorSettings = modelServiceSettings({ port: 8031, metricsPort: 8032 });

export type GeneratorSettings = SettingsOf<typeof generatorSettings>;

/** From the command line and the environment of this process. Throws INVALID_ARGUMENT naming what is wrong. */
export function readGeneratorSettings(): GeneratorSettings {
  return readSettings(generatorSettings, { argv: process.argv.slice(2), env: process.env });
}
