export { cannotListen } from './cannot-listen.ts';
export { describeSettings, type SettingGroup, type SettingRow, settingsMarkdown } from './describe-settings.ts';
export { canonicalHost, type Endpoint, formatEndpoint, isLoopback } from './endpoint.ts';
export {
  type AddressSource,
  type EndpointSource,
  type NamedSource,
  parseDnsServer,
  parseEndpointSource,
  type ServiceSource,
  type SliceSource,
  type StaticSource,
} from './endpoint-source.ts';
export { type NatsServerAddress, parseNatsServer } from './nats-server.ts';
export { type HostPattern, matchesHost, parseHostPattern } from './host-pattern.ts';
export { nearestName } from './nearest-name.ts';
export { formatDuration, GiB, KiB, MiB, parseDuration } from './quantity.ts';
export { readSettings, type SettingSources } from './read-settings.ts';
export {
  type BooleanSetting,
  type ChoiceSetting,
  defineSettings,
  flagOf,
  type ListSetting,
  type NumberSetting,
  type Setting,
  type SettingDefinitions,
  type SettingKind,
  type SettingsOf,
  type TextSetting,
  type WithDefaults,
  withDefaults,
} from './setting.ts';
export { type EventLogSettings, eventLogSettings } from './settings/event-log-settings.ts';
export { type ArtifactSettings, artifactSettings } from './settings/artifact-settings.ts';
export { type CanarySettings, canarySettings } from './settings/canary-settings.ts';
export { type LimitSettings, limitSettings } from './settings/limit-settings.ts';
export { type LogSettings, logSettings } from './settings/log-settings.ts';
export { modelServiceSettings } from './settings/model-service-settings.ts';
export { dataSettings, type ModelSettings, modelSettings } from './settings/model-settings.ts';
export { type RouterSettings, routerSettings } from './settings/router-settings.ts';
export { type ProbeSettings, probeSettings } from './settings/probe-settings.ts';
export { type ServerSettings, serverSettings } from './settings/server-settings.ts';
export { weftVersion } from './weft-version.ts';
