// The settings of this service, and the only reader of its environment.
import { modelServiceSettings, readSettings, type SettingsOf } from '@weft/config';

export const visionSettings = modelServiceSettings({ port: 8021, metricsPort: 8022 });

export type VisionSettings = SettingsOf<typeof visionSettings>;

/** From the command line and the environment of this process. Throws INVALID_ARGUMENT naming what is wrong. */
export function readVisionSettings(): VisionSettings {
  return readSettings(visionSettings, { argv: process.argv.slice(2), env: process.env });
}
