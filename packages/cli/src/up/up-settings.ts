// The settings of `weft up`: those of the router, those that all services share, and a pair of ports for each service.
import {
  artifactSettings,
  canarySettings,
  defineSettings,
  eventLogSettings,
  limitSettings,
  logSettings,
  modelSettings,
  routerSettings,
  type SettingsOf,
  serverSettings,
  withDefaults,
} from '@weft/config';
import { invalidArgument } from '@weft/errors';

/** The model services, in the order in which people read of them. */
export const serviceNames = ['nlp', 'vision', 'generator', 'custom'] as const;
export type ServiceName = (typeof serviceNames)[number];

export const meshSettings = defineSettings({
  services: { kind: 'list', item: 'names', default: serviceNames, check: checkService, doc: 'Model services to start' },
  nlpPort: { kind: 'port', default: 8011, doc: 'Port of the nlp service; 0 takes any free port' },
  nlpMetricsPort: { kind: 'port', default: 8012, doc: 'Port of its metrics; 0 takes any free port' },
  visionPort: { kind: 'port', default: 8021, doc: 'Port of the vision service; 0 takes any free port' },
  visionMetricsPort: { kind: 'port', default: 8022, doc: 'Port of its metrics; 0 takes any free port' },
  generatorPort: { kind: 'port', default: 8031, doc: 'Port of the generator service; 0 takes any free port' },
  generatorMetricsPort: { kind: 'port', default: 8032, doc: 'Port of its metrics; 0 takes any free port' },
  customPort: { kind: 'port', default: 8041, doc: "Port of the service for users' models; 0 takes any free port" },
  customMetricsPort: { kind: 'port', default: 8042, doc: 'Port of its metrics; 0 takes any free port' },
});

/** The router's ports, as everywhere in the documentation. */
export const routerServerSettings = withDefaults(serverSettings, { port: 8001, metricsPort: 8002 });

export const upSettings = {
  ...routerServerSettings,
  ...meshSettings,
  ...modelSettings,
  ...eventLogSettings,
  ...artifactSettings,
  ...limitSettings,
  ...routerSettings,
  ...canarySettings,
  // On a terminal the table says what runs; the lines of five components would bury it.
  ...withDefaults(logSettings, { logLevel: 'warn' }),
};

export type UpSettings = SettingsOf<typeof upSettings>;

function checkService(name: string): void {
  if (!serviceNames.some((known) => known === name)) {
    throw invalidArgument(`${JSON.stringify(name)} is no service: expected ${serviceNames.join(', ')}`);
  }
}
