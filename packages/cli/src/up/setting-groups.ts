// Every setting there is, by what it is about: what `weft help settings` prints.
import {
  artifactSettings,
  canarySettings,
  dataSettings,
  eventLogSettings,
  limitSettings,
  logSettings,
  modelSettings,
  probeSettings,
  routerSettings,
  type SettingGroup,
} from '@weft/config';
import { meshSettings, routerServerSettings } from './up-settings.ts';

// The router has it too.
const { dataDirectory: _amongData, ...loading } = modelSettings;

export const settingGroups: readonly SettingGroup[] = [
  { title: 'Every process that listens (ports: the router’s)', settings: routerServerSettings },
  { title: 'Only processes of their own', settings: probeSettings },
  { title: 'Only weft up', settings: meshSettings },
  { title: 'Data', settings: dataSettings },
  { title: 'Models', settings: loading },
  { title: 'Where pushed models come from', settings: artifactSettings },
  { title: 'Limits of a request', settings: limitSettings },
  { title: 'Router', settings: routerSettings },
  { title: 'Event log', settings: eventLogSettings },
  { title: 'Canaries', settings: canarySettings },
  { title: 'Logs and traces (weft up logs from warn on)', settings: logSettings },
];
