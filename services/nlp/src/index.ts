export { type NlpSettings, nlpSettings } from './config.ts';
export { startNlp } from './nlp-service.ts';
