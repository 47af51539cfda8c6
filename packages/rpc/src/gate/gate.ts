// The gate: the one place where a call is let in or not, before every handler of every process. It knows nothing of
// transports: gRPC servers and REST routes alike show it the gRPC path they are about to serve.
//
//   public methods (health)            always
//   no token file, loopback            everything, as anonymous
//   no token file, any other address   what needs the role infer, as anonymous
//   a token file                       what the roles of the shown token, or of the verified certificate, allow
//   … without TLS, not on loopback     never admin or executor calls: their tokens would travel in the clear
import { WeftError } from '@weft/errors';
import { type Identity, parsePriority, withPriority } from './identity.ts';
import { type RequiredRole, type Role, requiredRole, roles } from './required-role.ts';
import type { TokenEntry } from './token-file.ts';
import type { TokenStore } from './token-store.ts';

export interface GateOptions {
  /** Only processes of this machine can connect. */
  readonly boundToLoopback: boolean;
  /** Absent: no credentials are configured. */
  readonly tokens?: TokenStore | undefined;
  /** The listener speaks TLS (with or without client certificates). */
  readonly tls?: boolean | undefined;
  /** The listener demands certificates and verifies them against its own authorities; otherwise they are ignored. */
  readonly mutualTls?: boolean | undefined;
}

/** grpc-js's Metadata is one; a REST route makes one of its headers. */
export interface GateMetadata {
  get(name: string): readonly (string | Buffer)[];
}

/** A server call of grpc-js is one. */
export interface GateCall {
  readonly metadata: GateMetadata;
  /** What TLS knows of the peer; only asked when certificates count. */
  getAuthContext?(): AuthContext | null;
}

export interface AuthContext {
  /** Only there when its chain was verified. */
  readonly sslPeerCertificate?: { readonly subject?: { readonly CN?: unknown } | undefined };
}

export interface Gate {
  /**
   * Who calls the method with this full path. Throws UNAUTHENTICATED without (valid) credentials where they are needed,
   * PERMISSION_DENIED without the role.
   */
  admit(path: string, call: GateCall): Identity;
}

export function createGate(options: GateOptions): Gate {
  const { tokens } = options;
  const identify = tokens === undefined ? anonymousGate(options) : credentialGate(tokens, options);
  return { admit: (path, call) => identify(call, requiredRole(path), path) };
}

type Identify = (call: GateCall, needed: RequiredRole, path: string) => Identity;

const stranger: Identity = { name: 'anonymous', tenant: '', roles: ['infer'], priorities: [0], priority: 0 };
const local: Identity = { name: 'anonymous', tenant: '', roles, priorities: undefined, priority: 0 };
const maxTenantLength = 128;

function anonymousGate({ boundToLoopback, mutualTls }: GateOptions): Identify {
  if (boundToLoopback) return ({ metadata }) => asSaid(local, metadata);
  const reason =
    mutualTls === true
      ? 'no token file gives a role to this certificate'
      : 'this process listens on a public address and has none configured';
  return ({ metadata }, needed) => {
    if (needed === 'admin' || needed === 'executor') {
      throw new WeftError('PERMISSION_DENIED', `${needed} calls need credentials: ${reason}`);
    }
    return needed === 'public' ? stranger : prioritised(stranger, metadata);
  };
}

function credentialGate(tokens: TokenStore, { boundToLoopback, tls, mutualTls }: GateOptions): Identify {
  const inTheClear = !boundToLoopback && tls !== true && mutualTls !== true;
  return (call, needed, path) => {
    if (needed === 'public') return stranger;
    if (inTheClear && needed !== 'infer') {
      throw new WeftError(
        'PERMISSION_DENIED',
        `${needed} calls need TLS: this process listens on a public address without it`,
      );
    }
    const entry = findEntry(tokens, call, mutualTls === true);
    if (!entry.roles.includes(needed)) {
      throw new WeftError('PERMISSION_DENIED', `${entry.name} may not call ${path}: it lacks the role ${needed}`);
    }
    return prioritised(identityOf(entry), call.metadata);
  };
}

function findEntry(tokens: TokenStore, call: GateCall, mutualTls: boolean): TokenEntry {
  const token = bearerToken(call.metadata);
  if (token !== undefined) {
    const entry = tokens.findToken(token);
    if (entry === undefined) throw unauthenticated('the bearer token is not known here');
    return entry;
  }
  const commonName = mutualTls ? call.getAuthContext?.()?.sslPeerCertificate?.subject?.CN : undefined;
  if (typeof commonName === 'string') {
    const entry = tokens.findCertificate(commonName);
    if (entry === undefined)
      throw unauthenticated(`the certificate of ${JSON.stringify(commonName)} is not known here`);
    return entry;
  }
  throw unauthenticated('this call needs credentials: authorization must hold a token');
}

function bearerToken(metadata: GateMetadata): string | undefined {
  const [header, second] = metadata.get('authorization');
  if (header === undefined) return undefined;
  // Two headers could mean one thing to a proxy and another to us.
  if (second !== undefined) throw unauthenticated('authorization is given twice');
  const match = /^Bearer +(\S+)$/i.exec(String(header));
  if (match === null) throw unauthenticated('authorization must be a bearer token');
  return match[1];
}

function identityOf({ name, tenant = name, roles, priorities = [0] }: TokenEntry): Identity {
  return { name, tenant, roles: roles as readonly Role[], priorities, priority: priorities[0] ?? 0 };
}

function prioritised(identity: Identity, metadata: GateMetadata): Identity {
  const [asked] = metadata.get('weft-priority');
  return asked === undefined ? identity : withPriority(identity, parsePriority(String(asked)));
}

/** On loopback whoever calls is trusted, and speaks for any tenant. */
function asSaid(identity: Identity, metadata: GateMetadata): Identity {
  const tenant = metadata.get('weft-tenant')[0];
  if (tenant === undefined) return prioritised(identity, metadata);
  if (String(tenant).length > maxTenantLength) {
    throw new WeftError('INVALID_ARGUMENT', `weft-tenant is longer than ${maxTenantLength} characters`);
  }
  return prioritised({ ...identity, tenant: String(tenant) }, metadata);
}

function unauthenticated(message: string): WeftError {
  return new WeftError('UNAUTHENTICATED', message);
}
