// A streaming call of a test: messages in, messages and the status out, in the order in which they come.
import { type ServiceError, status } from '@grpc/grpc-js';
import { rpcMethod } from '@weft/rpc';
import type { CallLimits, Dialled } from './dial.ts';

export interface OpenedStream<Response> {
  send(request: object): void;
  /** Nothing more is sent. */
  end(): void;
  cancel(): void;
  /** The next response; undefined at the end. */
  next(): Promise<Response | undefined>;
  /** All that is still to come. */
  rest(): Promise<Response[]>;
  /** Code and text, or OK; once it has ended and everything was read. */
  result(): Promise<string>;
}

const bytes = (message: Buffer): Buffer => message;

export function openStream<Response>(
  client: Dialled,
  path: string,
  { headers = {}, ...limits }: CallLimits = {},
): OpenedStream<Response> {
  const method = rpcMethod(path);
  const deadline = limits.deadline ?? Date.now() + 60_000;
  const call = client.client.makeBidiStreamRequest(path, bytes, bytes, client.metadata(headers), {
    ...limits,
    deadline,
  });
  let outcome = 'OK';
  const ended = new Promise<void>((resolve) => {
    call.once('error', (error: ServiceError) => {
      outcome = `${status[error.code]} ${error.details}`;
      resolve();
    });
    call.once('status', () => resolve());
  });
  const responses = call.iterator({ destroyOnReturn: false });
  const next = async (): Promise<Response | undefined> => {
    const read = await responses.next().catch(() => ({ done: true, value: undefined }));
    return read.done === true ? undefined : (method.decodeResponse(read.value as Buffer) as Response);
  };
  return {
    send: (request) => void call.write(Buffer.isBuffer(request) ? request : method.encodeRequest(request)),
    end: () => void call.end(),
    cancel: () => call.cancel(),
    next,
    async rest() {
      const all: Response[] = [];
      for (let one = await next(); one !== undefined; one = await next()) all.push(one);
      return all;
    },
    async result() {
      await ended;
      return outcome;
    },
  };
}
