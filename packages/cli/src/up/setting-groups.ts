// Every setting there is, by what it is about: what `weft help settings` prints.
import {
  artifactSettings,
  eventLogSettings,
  limitSettings,
  logSettings,
  modelSettings,
  routerSettings,
  type SettingGroup,
} from '@weft/config';
import { meshSettings, routerServerSettings } from './up-settings.ts';

export const settingGroups: readonly SettingGroup[] = [
  { title: 'Every process that listens (ports: the router’s)', settings: routerServerSettings },
  { title: 'Only weft up', settings: meshSettings },
  { title: 'Models', settings: modelSettings },
  { title: 'Where pushed models come from', settings: artifactSettings },
  { title: 'Event log', settings: eventLogSettings },
  { title: 'Limits of a request', settings: limitSettings },
  { title: 'Router', settings: routerSettings },
  { title: 'Logs and traces (weft up logs from warn on)', settings: logSettings },
];
