export { createGate, type Gate, type GateCall } from './gate.ts';
export { type Identity, withPriority } from './identity.ts';
export { type RequiredRole, type Role, requiredRole } from './required-role.ts';
export { openTokenFile, type TokenStore } from './token-store.ts';
