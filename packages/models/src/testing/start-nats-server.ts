// For tests: a real nats-server with JetStream, on a free port of loopback, its data in a temporary folder. It can be stopped,
// killed, frozen and started again at the same port with its data, or without them.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface NatsServer {
  /** As `--nats` takes it: nats://127.0.0.1:port. */
  readonly url: string;
  readonly port: number;
  /** Ends it; its data stay. SIGKILL is what a crash is; SIGTERM lets it close its files. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again at the same port; with `empty` its data are gone. */
  start(options?: { readonly empty?: boolean }): Promise<void>;
  /** Stands still, its connections open, until thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

export interface NatsServerOptions {
  /** More of a configuration file, such as accounts; the port and JetStream's folder are set. */
  readonly config?: string;
}

/** What node:test's `skip` takes: why tests that need a nats-server cannot run here, or false. */
export const withoutNatsServer: string | false =
  natsServerCommand() === undefined && 'no nats-server here: run `npm test`, or put one on PATH';

/** Resolves once it takes connections. */
export async function startNatsServer({ config = '' }: NatsServerOptions = {}): Promise<NatsServer> {
  const command = natsServerCommand();
  if (command === undefined) throw new Error(String(withoutNatsServer));
  const folder = mkdtempSync(join(tmpdir(), 'weft-nats-'));
  const dataDirectory = join(folder, 'data');
  const configFile = join(folder, 'nats.conf');
  writeFileSync(configFile, config);
  const launch = async (port: number) => {
    const options = ['-c', configFile, '--addr', '127.0.0.1', '--port', String(port), '-js', '-sd', dataDirectory];
    return await listening(spawn(command, options, { stdio: ['ignore', 'ignore', 'pipe'] }));
  };
  let { child, port } = await launch(-1);
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    stop,
    async start({ empty = false } = {}) {
      if (empty) rmSync(dataDirectory, { recursive: true, force: true });
      ({ child, port } = await launch(port));
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async close() {
      await stop('SIGKILL');
      process.off('exit', endWithUs);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** On PATH, or where scripts/nats-server.mjs has unpacked one. */
function natsServerCommand(): string | undefined {
  const unpacked = fileURLToPath(new URL('../../../../.cache/nats-server/usr/sbin/nats-server', import.meta.url));
  return ['nats-server', unpacked].find((command) => spawnSync(command, ['--version']).status === 0);
}

/** The port stands in the log, which then runs on unread. */
async function listening(child: ChildProcess): Promise<{ child: ChildProcess; port: number }> {
  const lines = child.stderr === null ? undefined : createInterface({ input: child.stderr });
  if (lines === undefined) throw new Error('a nats-server without a log');
  let log = '';
  let port: number | undefined;
  for await (const line of lines) {
    log += `${line}\n`;
    port ??= numberIn(/Listening for client connections on .*:(\d+)$/.exec(line));
    if (port === undefined || !line.includes('Server is ready')) continue;
    child.stderr?.resume();
    return { child, port };
  }
  throw new Error(`nats-server ended before it was ready:\n${log}`);
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
