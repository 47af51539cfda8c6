// An API server as the checks need it: objects are applied as `kubectl apply --server-side` applies them, and the warnings that the
// server adds to its answer are kept.
import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly warnings: readonly string[];
}

export interface AppliedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

export class ClusterClient {
  readonly #port: number;
  readonly #token: string;
  readonly #resources = new Map<string, ResourceList>();

  /** Of a server on loopback that was made for this run: its certificate is not checked. */
  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  call(method: string, path: string, { type, body }: { type?: string; body?: string } = {}): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(body === undefined
        ? {}
        : { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const options = {
      host: '127.0.0.1',
      port: this.#port,
      method,
      path,
      headers,
      rejectUnauthorized: false,
      timeout: 60_000,
    };
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(parts).toString();
          const isJson = response.headers['content-type']?.includes('json') === true;
          const warnings = [response.headers['warning'] ?? []].flat().map(String);
          resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text, warnings });
        });
      });
      call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer`)));
      call.once('error', reject);
      call.end(body);
    });
  }

  /** Resolves with the body. Throws where the server answers with an error. */
  async get<Body>(path: string): Promise<Body> {
    const { status, body } = await this.call('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body as Body;
  }

  /** Resolves with the server's warnings. Throws with its reason where it refuses. */
  async apply(object: AppliedObject): Promise<readonly string[]> {
    const path = `${await this.pathOf(object)}?fieldManager=weft&force=true&fieldValidation=Strict`;
    const { status, body, warnings } = await this.call('PATCH', path, {
      type: 'application/apply-patch+yaml',
      body: stringify(object),
    });
    if (status !== 200 && status !== 201)
      throw new Error(
        `${object.kind} ${object.metadata.name}: ${status} ${(body as { message?: string }).message ?? ''}`,
      );
    return warnings;
  }

  async pathOf({ apiVersion, kind, metadata }: AppliedObject): Promise<string> {
    const prefix = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const list = this.#resources.get(apiVersion) ?? (await this.get<ResourceList>(prefix));
    this.#resources.set(apiVersion, list);
    const resource = list.resources.find((item) => item.kind === kind && !item.name.includes('/'));
    if (resource === undefined) throw new Error(`the server has no ${apiVersion} ${kind}`);
    const place = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    return `${prefix}${place}/${resource.name}/${metadata.name}`;
  }

  /** Asks again until `done` says so. Throws with what was seen last after that many seconds. */
  async until<Body>(
    path: string,
    done: (body: Body) => boolean,
    { seconds = 90, everyMs = 250 }: { seconds?: number; everyMs?: number } = {},
  ): Promise<Body> {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const body = await this.get<Body>(path);
      if (done(body)) return body;
      if (performance.now() > end) throw new Error(`${path}: not within ${seconds} s: ${brief(body)}`);
      await delay(everyMs);
    }
  }
}

/** Lists are long: the names in them, and how each fares. */
function brief(body: unknown): string {
  const { items } = body as { items?: { metadata?: { name?: string }; status?: { phase?: string } }[] };
  const told = items?.map(({ metadata, status }) => `${metadata?.name} ${status?.phase ?? ''}`).join(', ');
  return told ?? JSON.stringify((body as { status?: unknown }).status ?? body).slice(0, 1000);
}
