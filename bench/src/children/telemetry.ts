// What a service or router started for a bench tells the world: nothing but warnings, and no traces.
import { weftVersion } from '@weft/config';
import { startTelemetry, type Telemetry } from '@weft/telemetry';

export function quietTelemetry(component: string): Promise<Telemetry> {
  return startTelemetry({ component, version: weftVersion, logLevel: 'warn' });
}
