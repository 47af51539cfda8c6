// A call that the router answers itself, made by a client that means no good, and what such calls have in common.
import { protocol } from './hostile-mesh.ts';

export interface HostileCall {
  readonly what: string;
  readonly path: string;
  readonly request: object;
  readonly expected: string | RegExp;
}

/** Names that leave their folder, as other servers have met them. */
export const leaving = [
  '../etc',
  'a/../b',
  '..',
  '.',
  '/etc/passwd',
  'model/sub',
  'model/',
  ' ..',
  '.. ',
  '..\\etc',
  'a\\b',
  'rows\0',
  '/',
  ' rows',
  'rows\n',
];
export const call =
  (what: string, method: string) =>
  (request: object, expected: string | RegExp): HostileCall => ({
    what: `${method}: ${what}`,
    path: `${protocol}/${method}`,
    request,
    expected,
  });
export const invalid = (text: string): string => `INVALID_ARGUMENT ${text}`;
export const shown = (name: string): string => JSON.stringify(name.slice(0, 40));
export const unknown = (name: string): string => `NOT_FOUND Request for unknown model: '${name}' is not found`;
