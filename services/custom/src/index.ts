export { type CustomSettings, customSettings } from './config.ts';
export { startCustom } from './custom-service.ts';
