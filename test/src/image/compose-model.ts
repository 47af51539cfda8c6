// compose.yaml as Docker reads it, and each of its services as podman's arguments: an image is run with the very restrictions,
// volumes and settings that the file gives it.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runClient } from '../conformance/run-client.ts';
import { root } from './dockerfiles.ts';

export interface ComposeVolume {
  readonly type: 'bind' | 'volume';
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
}

export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly ComposeVolume[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly stop_grace_period?: string;
}

export interface ComposeModel {
  readonly services: Readonly<Record<string, ComposeService>>;
}

/** Reads it in a copy of deploy/ whose credentials are in `credentials` beside it. Throws with what the reader says is wrong. */
export async function readCompose(program: string, folder: string): Promise<ComposeModel> {
  const deploy = join(folder, 'deploy');
  await mkdir(deploy, { recursive: true });
  await cp(join(root, 'deploy'), deploy, { recursive: true });
  const args = ['-format', 'json', 'compose.yaml'];
  const { code, stdout, stderr } = await runClient({ command: program, args, timeoutMs: 30_000, cwd: deploy });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ComposeModel;
}

/** Without them podman asks for more than a root has that lacks CAP_SYS_RESOURCE. */
export const limits = ['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'];

/** What stands in compose.yaml for how a container is confined, and what it finds. */
export function containerArguments(name: string, service: ComposeService): string[] {
  const named = Object.entries(service.environment ?? {});
  const volumes = (service.volumes ?? []).map(({ type, source, target, read_only: fixed }) => {
    const from = type === 'volume' ? `${name}-${source}` : source;
    return `${from}:${target}${fixed === true ? ':ro' : ''}`;
  });
  return [
    ...limits,
    ...(service.read_only === true ? ['--read-only'] : []),
    ...(service.cap_drop ?? []).flatMap((each) => ['--cap-drop', each]),
    ...(service.security_opt ?? []).flatMap((each) => ['--security-opt', each.replace(/:true$/, '')]),
    ...(service.tmpfs ?? []).flatMap((each) => ['--tmpfs', each]),
    ...volumes.flatMap((each) => ['--volume', each]),
    ...named.flatMap(([key, value]) => ['--env', `${key}=${value}`]),
  ];
}
