// What every service that owns models can be told; each has ports of its own.
import { withDefaults } from '../setting.ts';
import { artifactSettings } from './artifact-settings.ts';
import { eventLogSettings } from './event-log-settings.ts';
import { limitSettings } from './limit-settings.ts';
import { logSettings } from './log-settings.ts';
import { modelSettings } from './model-settings.ts';
import { probeSettings } from './probe-settings.ts';
import { serverSettings } from './server-settings.ts';

export function modelServiceSettings<const Ports extends { readonly port: number; readonly metricsPort: number }>(
  ports: Ports,
) {
  return {
    ...withDefaults(serverSettings, ports),
    ...modelSettings,
    ...eventLogSettings,
    ...artifactSettings,
    ...limitSettings,
    ...logSettings,
    ...probeSettings,
  };
}
