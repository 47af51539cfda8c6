// The Dockerfiles of deploy/docker, and the base images that they name.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const flavours = ['cpu', 'gpu', 'gpu-tfjs'] as const;
export type Flavour = (typeof flavours)[number];

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export function dockerfileOf(flavour: Flavour): string {
  return `deploy/docker/${flavour}.Dockerfile`;
}

/** As after `FROM`: `docker.io/library/node:22.1.0-bookworm-slim@sha256:…`. */
export function baseImages(flavour: Flavour): { readonly node: string; readonly runtime: string } {
  const text = readFileSync(`${root}${dockerfileOf(flavour)}`, 'utf8');
  const value = (name: string): string => new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(text)?.[1] ?? '';
  return { node: value('NODE_IMAGE'), runtime: value('RUNTIME_IMAGE') };
}
