// What all commands that ask the router share: the options that say how to reach it, and a client for one command.
import type { CallOptions, ConnectOptions, WeftClient } from '@weft/client';
import { parseDuration } from '@weft/config';
import type { Command } from 'commander';
import { readLocalFile } from './input/read-local-file.ts';
import { type Progress, startProgress } from './progress.ts';
import type { Shell } from './shell.ts';
import { usageError } from './usage-error.ts';

const defaultRouter = '127.0.0.1:8001';

interface ConnectionFlags {
  readonly router?: string;
  readonly timeout: string;
  readonly token?: string;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly priority?: string;
}

/** Adds the options of the connection; `timeout` is the command's default. */
export function addConnectionOptions(command: Command, timeout = '60s'): Command {
  return command
    .option('--timeout <duration>', 'how long to wait for the answer', timeout)
    .option('--token <token>', 'bearer token (better in WEFT_TOKEN, where no process list shows it)')
    .option('--tls', 'connect with TLS')
    .option('--ca <file>', 'certificate authorities to trust instead of the usual ones (PEM); implies --tls')
    .option('--cert <file>', 'own certificate for a router that asks for one (PEM); implies --tls')
    .option('--key <file>', 'its private key (PEM)')
    .option('--tenant <name>', 'whose request this is')
    .option('--priority <class>', 'priority class, 1 the highest');
}

/** Adds the options that choose a model. */
export function addModelOptions(command: Command): Command {
  return command
    .option('--model <name>', 'model to ask instead of the default one')
    .option('--model-version <version>', 'version of the model');
}

export interface Asking {
  readonly client: WeftClient;
  readonly router: string;
  /** Timeout, and the chosen model where the command lets one choose. */
  readonly options: CallOptions;
  /** What --timeout says. */
  readonly timeoutMs: number;
  readonly progress: Progress;
}

/** Runs `ask` with a client that lives as long as the command. */
export async function withRouter<T>(shell: Shell, command: Command, ask: (asking: Asking) => Promise<T>): Promise<T> {
  const flags = command.optsWithGlobals<ConnectionFlags & { model?: string; modelVersion?: string }>();
  const connectOptions = await readConnectOptions(flags, shell.env);
  // Loaded here, so that help and wrong usage do not wait for gRPC.
  const { connect, WeftError } = await import('@weft/client');
  const client = connectOrExplain(() => connect(connectOptions), WeftError);
  const progress = startProgress(shell, `asking ${connectOptions.router}`);
  try {
    const options = { model: flags.model, modelVersion: flags.modelVersion };
    const { router, timeoutMs } = connectOptions;
    return await ask({ client, router, options, timeoutMs, progress });
  } finally {
    progress.done();
    client.close();
  }
}

/** What is wrong with the options themselves is wrong usage. */
function connectOrExplain(open: () => WeftClient, weftError: new (...parameters: never[]) => Error): WeftClient {
  try {
    return open();
  } catch (thrown) {
    throw thrown instanceof weftError ? usageError(thrown.message) : thrown;
  }
}

async function readConnectOptions(
  flags: ConnectionFlags,
  env: Shell['env'],
): Promise<ConnectOptions & { timeoutMs: number }> {
  const secure = flags.tls === true || flags.ca !== undefined || flags.cert !== undefined || flags.key !== undefined;
  return {
    router: flags.router ?? given(env['WEFT_ROUTER']) ?? defaultRouter,
    token: flags.token ?? given(env['WEFT_TOKEN']),
    timeoutMs: positiveDuration(flags.timeout),
    tenant: flags.tenant,
    priority: flags.priority === undefined ? undefined : priorityClass(flags.priority),
    tls: secure && {
      ca: await readOptional(flags.ca),
      cert: await readOptional(flags.cert),
      key: await readOptional(flags.key),
    },
  };
}

/** An empty variable counts as absent. */
export function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

async function readOptional(path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : await readLocalFile(path);
}

export function positiveDuration(text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined || duration <= 0) {
    throw usageError(`--timeout is ${JSON.stringify(text)}, but it takes a duration such as 500ms, 30s or 2m`);
  }
  return duration;
}

function priorityClass(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw usageError(`--priority is ${JSON.stringify(text)}, but it takes a number from 1 on`);
  return Number(text);
}
