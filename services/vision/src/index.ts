export { type VisionSettings, visionSettings } from './config.ts';
export { startVision } from './vision-service.ts';
