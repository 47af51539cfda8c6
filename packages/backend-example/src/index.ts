export { identityBackend } from './identity-backend.ts';
export { repeatBackend } from './repeat-backend.ts';
export { squareBackend } from './square-backend.ts';
