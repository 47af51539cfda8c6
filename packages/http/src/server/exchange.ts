// What routes are made of, apart from the framework under them: a route stands for a gRPC method, whose role the gate asks for, and
// turns an exchange into an answer.
import type { Caller, UnaryCall } from '@weft/dispatch';
import type { WeftError } from '@weft/errors';
import type { Body } from './body.ts';

export interface Route {
  readonly verb: 'GET' | 'POST';
  /** With `:name` for a part that varies. */
  readonly url: string;
  /** Full path of the gRPC method that it stands for. */
  readonly rpc: string;
  readonly answer: (exchange: Exchange) => HttpAnswer | Promise<HttpAnswer>;
  /**
   * Whether its answers are compressed where Accept-Encoding allows it: Triton's asyncio client always sends that header, and reads
   * compressed answers of inference alone.
   */
  readonly compresses?: boolean;
  /** The form of its errors; `{"error": text}` by default. */
  readonly errorBody?: (error: WeftError) => object;
}

export interface Exchange {
  readonly caller: Caller;
  /** A part of the path that varies, decoded; '' where the route has none of the name. */
  param(name: string): string;
  header(name: string): string | undefined;
  /** Reads what the client sends; to be asked once. */
  body(): Promise<Body>;
  /** Makes a call that replicas answer, for this exchange's client. */
  call(path: string, payload: Uint8Array): Promise<Buffer>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent one behind the other. */
  readonly pieces: readonly Buffer[];
}

export type Calls = ReadonlyMap<string, UnaryCall>;

/** For calls whose gRPC response has no fields. */
export const emptyAnswer: HttpAnswer = { status: 200, pieces: [] };

/** For answers of a few kilobytes. */
export function jsonAnswer(value: unknown, status = 200): HttpAnswer {
  return textAnswer(Buffer.from(JSON.stringify(value)), status);
}

/** Of JSON that is written already. */
export function textAnswer(json: Buffer, status = 200): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, pieces: [json] };
}
