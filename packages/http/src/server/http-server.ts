// The HTTP listener: every route stands behind the same gate as the gRPC method that it stands for, and there is no other way to
// add one. Fastify finds the route; bodies are read by the routes themselves, after the gate.
import { asBuffer } from '@weft/rpc/wire';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { cannotListen } from '@weft/config';
import type { Caller } from '@weft/dispatch';
import { toWeftError, WeftError } from '@weft/errors';
import type { Gate, GateCall } from '@weft/rpc';
import { type Log, logFailure } from '@weft/telemetry';
import Fastify, { type FastifyInstance } from 'fastify';
import { leaveUnread, readBody } from './body.ts';
import { compressed } from './compress.ts';
import { errorAnswer } from './error-answer.ts';
import type { Calls, Exchange, HttpAnswer, Route } from './exchange.ts';
import { httpCaller, parseGrpcTimeout } from './http-caller.ts';
import { refuseForeignPages } from './refuse-browsers.ts';

export interface HttpServerOptions {
  readonly gate: Gate;
  readonly boundToLoopback: boolean;
  /** PEM; with `ca` every client must show a certificate. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer } | undefined;
  readonly maxBodyBytes: number;
  readonly calls: Calls;
  readonly log: Log;
}

/** Model names are the longest part of a path. */
const maxParamLength = 1024;

export class HttpServer {
  readonly #app: FastifyInstance;
  readonly #options: HttpServerOptions;
  #stopping = false;

  constructor(options: HttpServerOptions, routes: readonly Route[]) {
    this.#options = options;
    this.#app = Fastify({
      serverFactory: (serve) => listener(options, serve),
      exposeHeadRoutes: false,
      routerOptions: { ignoreTrailingSlash: true, maxParamLength },
      frameworkErrors: (_error, request, reply) => {
        reply.hijack();
        this.#send(request.raw, reply.raw, errorAnswer(new WeftError('INVALID_ARGUMENT', 'malformed URL')));
      },
    });
    // Routes read their bodies themselves.
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    this.#app.setNotFoundHandler((request, reply) => {
      reply.hijack();
      const error = new WeftError('NOT_FOUND', `no route ${request.method} ${pathOf(request.raw)}`);
      this.#send(request.raw, reply.raw, errorAnswer(error));
    });
    for (const route of routes) {
      this.#app.route<{ Params: Record<string, string> }>({
        method: route.verb,
        url: route.url,
        handler: (request, reply) => {
          reply.hijack();
          void this.#serve(route, { request: request.raw, response: reply.raw, params: request.params });
        },
      });
    }
  }

  /** Listens and resolves to the port (`port` 0 takes a free one). Rejects with FAILED_PRECONDITION when the address is taken. */
  async listen(host: string, port: number): Promise<number> {
    try {
      const address = new URL(await this.#app.listen({ host, port }));
      return Number(address.port === '' ? port : address.port);
    } catch (cause) {
      throw cannotListen(cause, { host, port });
    }
  }

  /** Takes no new requests, lets running ones finish, and ends those that are left after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    const force = setTimeout(() => this.#app.server.closeAllConnections(), timeoutMs);
    await this.#app.close();
    clearTimeout(force);
  }

  async #serve(route: Route, { request, response, params }: Arrival): Promise<void> {
    const { gate, boundToLoopback, calls, maxBodyBytes } = this.#options;
    const label = `${route.verb} ${route.url}`;
    try {
      refuseForeignPages(request.headers, boundToLoopback);
      const identity = gate.admit(route.rpc, gateCall(request));
      const { caller, expired } = httpCaller(
        {
          path: route.rpc,
          label,
          identity,
          traceparent: single(request.headers['traceparent']) ?? '',
          timeoutMs: parseGrpcTimeout(single(request.headers['grpc-timeout'])),
        },
        response,
      );
      const exchange: Exchange = {
        caller,
        param: (name) => params[name] ?? '',
        header: (name) => single(request.headers[name]),
        body: () => readBody(request, maxBodyBytes),
        call: (path, payload) => callOf(calls, path, { caller, payload }),
      };
      const answer = await Promise.race([route.answer(exchange), expired]);
      const accepted = route.compresses === true ? single(request.headers['accept-encoding']) : undefined;
      this.#send(request, response, await compressed(answer, accepted));
    } catch (thrown) {
      const error = toWeftError(thrown);
      logFailure(this.#options.log, label, error);
      try {
        this.#send(request, response, errorAnswer(error, route.errorBody));
      } catch {
        response.destroy();
      }
    }
  }

  #send(request: IncomingMessage, response: ServerResponse, { status, headers = {}, pieces }: HttpAnswer): void {
    if (response.destroyed || response.headersSent) return;
    const unread = bodyIsLeft(request);
    response.writeHead(status, {
      ...headers,
      'content-length': pieces.reduce((sum, piece) => sum + piece.length, 0),
      // A body that nobody has read must not be waited for.
      ...(this.#stopping || unread ? { connection: 'close' } : {}),
    });
    response.cork();
    for (const piece of pieces) response.write(piece);
    response.uncork();
    if (unread) leaveUnread(request, this.#options.maxBodyBytes, () => response.end());
    else response.end();
  }
}

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
}

function listener({ tls }: HttpServerOptions, serve: (request: IncomingMessage, response: ServerResponse) => void) {
  if (tls === undefined) return createServer(serve);
  const demand = tls.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  return createTlsServer({ ...tls, ...demand }, serve);
}

function gateCall(request: IncomingMessage): GateCall {
  return {
    metadata: { get: (name) => request.headersDistinct[name] ?? [] },
    getAuthContext() {
      const socket = request.socket as Partial<TLSSocket>;
      if (socket.authorized !== true || socket.getPeerCertificate === undefined) return null;
      return { sslPeerCertificate: socket.getPeerCertificate() };
    },
  };
}

function callOf(
  calls: Calls,
  path: string,
  { caller, payload }: { readonly caller: Caller; readonly payload: Uint8Array },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = calls.get(path);
    if (call === undefined) throw new WeftError('UNIMPLEMENTED', `this process does not serve ${path}`);
    call(asBuffer(payload), { ...caller, path }, (error, response) => {
      if (response === undefined) reject(error);
      else resolve(asBuffer(response));
    });
  });
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function bodyIsLeft(request: IncomingMessage): boolean {
  const announced =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  return announced && !request.complete;
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0]?.slice(0, 200) ?? '';
}
