import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { rpcMethod, type ServerStream } from '@weft/rpc';
import type { PassageListener } from '../pipes/passage.ts';
import type { StreamRequest } from './stream-shuttle.ts';
import { type ClientSide, serveTypedStream } from './typed-stream.ts';

const path = '/weft.vision.v1.VisionService/AnalyzeVideo';
const message = (fields: object): Buffer => rpcMethod(path).encodeRequest(fields);
const response = Buffer.from('response');

type ClientListener = Parameters<ServerStream['listen']>[0];

/** A stream whose both sides only note what they are told; `room`: what they answer to what is sent. */
function started({ requestStream = true, room = true } = {}) {
  const told: string[] = [];
  let client: ClientListener | undefined;
  let pipe: PassageListener | undefined;
  let opened: StreamRequest | undefined;
  const side = {
    context: { identity: {}, deadlineMs: 7, traceparent: 't' },
    listen: (listener: ClientListener) => void (client = listener),
    read: () => void told.push('client read'),
    send: () => told.push('client send') > 0 && room,
    end: (...thrown: unknown[]) => void told.push(['client end', ...thrown.map(codeOf)].join(' ')),
  };
  serveTypedStream(side as unknown as ClientSide, {
    path,
    requestStream,
    defaultModel: () => 'default',
    shuttle(request, listener) {
      [opened, pipe] = [request, listener];
      told.push(`open ${request.model}/${request.version}`);
      return {
        send: () => told.push('pipe send') > 0 && room,
        halfClose: () => void told.push('pipe half-close'),
        read: () => void told.push('pipe read'),
        cancel: (reason) => void told.push(`pipe cancel ${reason.code}`),
      };
    },
  });
  assert.ok(client);
  return {
    client,
    pipe: () => pipe as PassageListener,
    opened: () => opened as StreamRequest,
    /** Since the last time. */
    told: () => told.splice(0),
  };
}

const codeOf = (thrown: unknown): string => (thrown as WeftError).code;

/** Past its opening. */
function open(...how: Parameters<typeof started>) {
  const stream = started(...how);
  stream.client.onMessage(message({ model: 'm' }));
  stream.told();
  return stream;
}

test('the first message opens the way, and the second is asked for when there is room', () => {
  const { client, pipe, opened, told } = started();
  assert.deepEqual(told(), ['client read']);
  const first = message({ model: 'm', modelVersion: '2' });
  client.onMessage(first);
  assert.deepEqual(told(), ['open m/2', 'pipe read']);
  assert.deepEqual([opened().first, opened().deadlineMs], [first, 7]);
  pipe().onRoom();
  assert.deepEqual(told(), ['client read']);
});

test('each side is asked for the next message when the other has room for it', () => {
  for (const room of [true, false]) {
    const { client, pipe, told } = open({ room });
    client.onMessage(message({ frameId: 2 }));
    assert.deepEqual(told(), ['pipe send', ...(room ? ['client read'] : [])]);
    pipe().onRoom();
    assert.deepEqual(told(), ['client read']);
    pipe().onResponse(response);
    assert.deepEqual(told(), ['client send', ...(room ? ['pipe read'] : [])]);
    client.onRoom();
    assert.deepEqual(told(), ['pipe read']);
  }
});

test('the half-close goes on, and the end comes back', () => {
  const { client, pipe, told } = open();
  client.onHalfClose();
  assert.deepEqual(told(), ['pipe half-close']);
  pipe().onEnd(undefined);
  assert.deepEqual(told(), ['client end']);
  const failed = open();
  failed.pipe().onEnd(new WeftError('UNAVAILABLE', 'lost'));
  assert.deepEqual(failed.told(), ['client end UNAVAILABLE']);
});

test('who leaves cancels the rest of the way; before the first message there is none', () => {
  const { client, told } = open();
  client.onGone();
  assert.deepEqual(told(), ['pipe cancel CANCELLED']);
  const early = started();
  early.client.onGone();
  assert.deepEqual(early.told(), ['client read']);
});

test('without a message a stream of requests is empty, and one request is missing', () => {
  for (const [requestStream, end] of [
    [true, 'client end'],
    [false, 'client end INVALID_ARGUMENT'],
  ] as const) {
    const { client, told } = started({ requestStream });
    client.onHalfClose();
    assert.deepEqual(told(), ['client read', end]);
  }
});

test('a later message may name the model and the version that answers, and no other', () => {
  for (const [fields, refused] of [
    [{ model: 'm', modelVersion: '3' }, false],
    [{ modelVersion: '4' }, true],
    [{ model: 'n' }, true],
  ] as const) {
    const { client, opened, told } = open();
    opened().onChosen?.({ version: '3' } as never);
    client.onMessage(message(fields));
    assert.deepEqual(
      told(),
      refused ? ['pipe cancel INVALID_ARGUMENT', 'client end INVALID_ARGUMENT'] : ['pipe send', 'client read'],
    );
  }
});

test('bytes that are no message end the stream, and without a name the default model is asked', () => {
  const broken = started();
  broken.client.onMessage(Buffer.from([0xff]));
  assert.deepEqual(broken.told(), ['client read', 'client end INVALID_ARGUMENT']);
  const { client, told } = started();
  client.onMessage(message({}));
  assert.deepEqual(told(), ['client read', 'open default/', 'pipe read']);
});
