// For tests of sources: a real HTTP or HTTPS server on loopback that serves files with ETags and ranges, breaks connections on
// request, and remembers what it was asked. Names that end in .example lead to it.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import type { TestContext } from 'node:test';
import { generate } from 'selfsigned';

export interface FileServer {
  readonly port: number;
  /** To be trusted; undefined without TLS. */
  readonly ca: string | undefined;
  readonly requests: IncomingMessage[];
}

export async function startFileServer(t: TestContext, listener: RequestListener, tls = true): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const remember: RequestListener = (request, response) => {
    requests.push(request);
    listener(request, response);
  };
  shared ??= certificate();
  const pair = tls ? await shared : undefined;
  const server =
    pair === undefined ? createServer(remember) : createTlsServer({ key: pair.private, cert: pair.cert }, remember);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, ca: pair?.cert, requests };
}

/** All servers of a test have the same one. */
let shared: Promise<{ private: string; cert: string }> | undefined;

function certificate(): Promise<{ private: string; cert: string }> {
  const names = ['models.example', 'other.example', 'cdn.example'].map((value) => ({ type: 2 as const, value }));
  return generate([{ name: 'commonName', value: 'models.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [...names, { type: 7, ip: '127.0.0.1' }] },
    ],
  });
}

/** Every name has these addresses. */
export function lookupTo(...addresses: string[]): LookupFunction {
  return (_hostname, options, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const [first] = found;
    if (options.all === true) callback(null, found);
    else callback(null, first?.address ?? '', first?.family);
  };
}

export interface Served {
  readonly content: string;
  readonly etag?: string;
  /** The connection breaks after so many bytes of the answer. */
  readonly breakAfter?: number;
}

/** Answers with a file, or with the rest of it where the request's conditions allow that. */
export function serve(request: IncomingMessage, response: ServerResponse, { content, etag, breakAfter }: Served): void {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const condition = request.headers['if-range'];
  const start = from === undefined || (condition !== undefined && condition !== etag) ? 0 : Number(from);
  const body = Buffer.from(content).subarray(start);
  if (etag !== undefined) response.setHeader('etag', etag);
  response.setHeader('content-length', body.length);
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
  response.writeHead(start > 0 ? 206 : 200);
  if (breakAfter === undefined) response.end(body);
  else response.write(body.subarray(0, breakAfter), () => response.destroy());
}
