export { type RouterSettings, routerSettings } from './config.ts';
export { startRouter } from './router-service.ts';
