// One stream of a typed method, between its client and the way to a replica: the first message says where it goes, and from then on
// each side is asked for its next message when the other has room for it. Later messages may name the model again, but no other one.
//
//   opening ──first message──► open ──either side ends──► ended
import { invalidArgument, refusal, toWeftError } from '@weft/errors';
import { scanTypedRequest, type ServerStream } from '@weft/rpc';
import type { Pipe } from '../pipes/pipe.ts';
import type { StreamShuttle } from './stream-shuttle.ts';

export interface TypedStreamTerms {
  readonly shuttle: StreamShuttle;
  /** Full path of the method. */
  readonly path: string;
  /** Its clients send more than one request. */
  readonly requestStream: boolean;
  /** The model of requests that name none; throws where there is none. */
  readonly defaultModel: (path: string) => string;
}

/** What a stream of a client has to be for this. */
export type ClientSide = Pick<ServerStream, 'listen' | 'read' | 'send' | 'end'> & {
  readonly context: Pick<ServerStream['context'], 'identity' | 'deadlineMs' | 'traceparent'>;
};

/** Serves it. */
export function serveTypedStream(client: ClientSide, terms: TypedStreamTerms): void {
  const stream = new TypedStream(client, terms);
  client.listen({
    onMessage: (message) => stream.onMessage(message),
    onHalfClose: () => stream.onHalfClose(),
    onRoom: () => stream.onClientRoom(),
    onGone: () => stream.onGone(),
  });
  client.read();
}

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly pipe: Pipe; readonly model: string }
  | { readonly kind: 'ended' };

class TypedStream {
  readonly #client: ClientSide;
  readonly #terms: TypedStreamTerms;
  #state: State = { kind: 'opening' };
  /** That answers. */
  #version = '';

  constructor(client: ClientSide, terms: TypedStreamTerms) {
    this.#client = client;
    this.#terms = terms;
  }

  onMessage(message: Buffer): void {
    const state = this.#state;
    try {
      if (state.kind === 'open') {
        this.#requireSameModel(message, state.model);
        if (state.pipe.send(message)) this.#client.read();
      } else if (state.kind === 'opening') this.#open(message);
    } catch (thrown) {
      if (state.kind === 'open') state.pipe.cancel(toWeftError(thrown));
      this.#end(thrown);
    }
  }

  onHalfClose(): void {
    const { path, requestStream } = this.#terms;
    if (this.#state.kind === 'open') this.#state.pipe.halfClose();
    else if (requestStream) this.#end();
    else this.#end(invalidArgument(`${path} was called without a request`));
  }

  onClientRoom(): void {
    if (this.#state.kind === 'open') this.#state.pipe.read();
  }

  onGone(): void {
    if (this.#state.kind === 'open') this.#state.pipe.cancel(refusal('CANCELLED', 'the client has gone'));
    this.#state = { kind: 'ended' };
  }

  #open(first: Buffer): void {
    const { shuttle, path, requestStream, defaultModel } = this.#terms;
    const { identity, deadlineMs, traceparent } = this.#client.context;
    const { model: named, version } = scanTypedRequest(first, 0);
    const model = named === '' ? defaultModel(path) : named;
    this.#version = version;
    const pipe = shuttle(
      {
        ...{ path, identity, deadlineMs, traceparent, model, version, first, requestStream, priority: 0 },
        onChosen: (view) => void (this.#version = view.version),
      },
      {
        onResponse(response) {
          if (client.send(response)) pipe.read();
        },
        onRoom: () => client.read(),
        onEnd: (error) => (error === undefined ? this.#end() : this.#end(error)),
      },
    );
    const client = this.#client;
    this.#state = { kind: 'open', pipe, model };
    pipe.read();
  }

  #end(...thrown: readonly [] | readonly [thrown: unknown]): void {
    this.#state = { kind: 'ended' };
    this.#client.end(...thrown);
  }

  #requireSameModel(message: Buffer, expected: string): void {
    const { model, version } = scanTypedRequest(message, 0);
    const other =
      model !== '' && model !== expected
        ? `model '${model}'`
        : version !== '' && version !== this.#version
          ? `version ${version}`
          : undefined;
    if (other === undefined) return;
    throw invalidArgument(`this stream is with model '${expected}': a later message must not name ${other}`);
  }
}
