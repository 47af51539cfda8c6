export { type GeneratorSettings, generatorSettings } from './config.ts';
export { startGenerator } from './generator-service.ts';
