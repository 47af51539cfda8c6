// A Kubernetes API server, asked over HTTP. Kubernetes' own client knows where it is and how to show who asks: a pod's service
// account, whose token changes, or anything that a kubeconfig may say. The calls themselves are Node's: the client's own cannot
// be given up while they connect. The client is loaded when the first call is made: it weighs 70 MB of memory.
import { type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { KubeConfig } from '@kubernetes/client-node';
import { WeftError } from '@weft/errors';

/** How a cluster is found: by the service account of this pod, or as kubectl finds it, from one file or from where it looks. */
export type ClusterAccess =
  | { readonly kind: 'pod' }
  | { readonly kind: 'kubeconfig'; readonly file?: string | undefined; readonly context?: string | undefined };

export interface Cluster {
  /** Of the context or the service account. */
  readonly namespace: string;
  /** Of the kubeconfig; of a pod, a name that the client made up. */
  readonly context: string;
  readonly server: string;
  /** Resolves with the begin of the answer, whatever its status. */
  get(path: string, signal: AbortSignal): Promise<IncomingMessage>;
}

/** Throws FAILED_PRECONDITION where nothing says which cluster, or what a file cannot be read for. */
export async function openCluster(access: ClusterAccess): Promise<Cluster> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  load(config, access);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server))
    throw new WeftError('FAILED_PRECONDITION', access.kind === 'pod' ? noPod : 'the kubeconfig names no cluster');
  const context = config.getCurrentContext();
  return {
    namespace: config.getContextObject(context)?.namespace?.trim() ?? 'default',
    context,
    server,
    async get(path, signal) {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const url = new URL(`${server.replace(/\/$/, '')}${path}`);
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
      return new Promise((resolve, reject) => {
        send(url, { ...options, signal }, resolve)
          .once('error', reject)
          .end();
      });
    },
  };
}

const noPod = 'this process is no pod of a cluster: name one with --kubeconfig';

function load(config: KubeConfig, access: ClusterAccess): void {
  if (access.kind === 'pod') return config.loadFromCluster();
  if (access.file === undefined) config.loadFromDefault();
  else config.loadFromFile(access.file);
  const { context } = access;
  if (context === undefined) return;
  if (config.getContextObject(context) === null)
    throw new WeftError('FAILED_PRECONDITION', `the kubeconfig has no context ${JSON.stringify(context)}`);
  config.setCurrentContext(context);
}

/** The error that an answer of another status than 200 is. */
export async function clusterRefusal(answer: IncomingMessage): Promise<WeftError> {
  const message = statusMessage(await text(answer)) ?? `the API server answers with ${answer.statusCode}`;
  const { statusCode = 0 } = answer;
  return new WeftError(
    statusCode === 403 ? 'PERMISSION_DENIED' : statusCode === 404 ? 'NOT_FOUND' : 'UNAVAILABLE',
    message,
  );
}

function statusMessage(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { readonly message?: string }).message;
  } catch {
    // What stands before the API server, a proxy, answers as it likes.
    return undefined;
  }
}
