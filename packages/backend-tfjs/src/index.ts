export { tfjsBackend } from './tfjs-backend.ts';
