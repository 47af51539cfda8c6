export { createGate, type Gate, type GateCall, type GateMetadata, type GateOptions } from './gate.ts';
export { type Identity, parsePriority, withPriority } from './identity.ts';
export { type RequiredRole, type Role, requiredRole, roles } from './required-role.ts';
export { openTokenFile, type TokenStore, type TokenStoreOptions } from './token-store.ts';
