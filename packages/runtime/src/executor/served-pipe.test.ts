import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PipeListener } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import {
  decodePipeResponse,
  encodePipeHalfClose,
  encodePipeOpen,
  pipeMessageFields,
  PipeSender,
  type ServerStream,
} from '@weft/rpc';
import { type RouterSide, ServedPipe } from './served-pipe.ts';

const open = encodePipeOpen({
  ...{
    model: 'm',
    version: '1',
    method: '/a.B/C',
    timeoutUs: 0,
    traceparent: '',
    tenant: '',
    priority: 0,
    tellBegun: false,
  },
});

/** As a router writes it. */
function message(text: string): Buffer {
  const written: Buffer[] = [];
  const write = (bytes: Buffer): void => void written.push(bytes);
  const sender = new PipeSender({ write, field: pipeMessageFields.request, onRoom() {}, onUnsent: undefined });
  sender.send(Buffer.from(text));
  return Buffer.concat(written);
}

/** A pipe between a router and an executor that only note what they are told. */
function started({ room = true } = {}) {
  const told: string[] = [];
  const ends: unknown[] = [];
  let router: Parameters<ServerStream['listen']>[0] | undefined;
  let listener: PipeListener | undefined;
  const side: RouterSide = {
    listen: (given) => void (router = given),
    read: () => void told.push('router read'),
    write: (bytes) =>
      void told.push(
        ...decodePipeResponse(bytes).map((part) => {
          if (part.kind === 'end') ends.push(part.move);
          return part.kind === 'message' ? `answer ${part.bytes.toString()}` : `${part.kind} ${codeOf(part)}`;
        }),
      ),
    end: (...thrown) => void told.push(['router end', ...thrown.map((error) => (error as WeftError).code)].join(' ')),
  };
  const pipe = new ServedPipe(side, {
    executor: {
      maxMessageBytes: 1000,
      pipe(_start, given) {
        listener = given;
        return {
          send: (bytes) => told.push(`send ${bytes.toString()}`) > 0 && room,
          halfClose: () => void told.push('half-close'),
          read: () => void told.push('read'),
          cancel: ({ code }) => void told.push(`cancel ${code}`),
        };
      },
    },
    report: (thrown) => thrown as WeftError,
    onUnsent: undefined,
    onOver: () => void told.push('over'),
  });
  pipe.begin();
  assert.ok(router);
  return { pipe, router, listener: () => listener as PipeListener, told: () => told.splice(0), ends: () => ends };
}

function codeOf(part: object): string {
  const { error } = part as { error?: WeftError };
  return error?.code ?? 'OK';
}

/** One that is open. */
function opened(...how: Parameters<typeof started>) {
  const served = started(...how);
  served.router.onMessage(open);
  served.told();
  return served;
}

test('what comes in one message is taken part by part, as there is room', () => {
  const { router, listener, told } = started({ room: false });
  router.onMessage(Buffer.concat([open, message('a'), encodePipeHalfClose()]));
  assert.deepEqual(told(), ['router read', 'read', 'send a']);
  listener().onRoom();
  assert.deepEqual(told(), ['half-close', 'router read']);
});

test('responses go back as they come, and the end after them', () => {
  const { listener, told } = opened();
  listener().onResponse(Buffer.from('x'));
  assert.deepEqual(told(), ['answer x', 'read']);
  listener().onEnd({ error: undefined, move: undefined });
  assert.deepEqual(told(), ['router read']);
});

test('what an instance has begun, or died with, is told as such', () => {
  const { listener, told, ends } = opened();
  listener().onBegun();
  assert.deepEqual(told(), ['begun OK']);
  for (const move of ['crashed', 'unbegun'] as const) {
    const served = opened();
    served.listener().onEnd({ error: new WeftError('UNAVAILABLE', 'no'), move });
    assert.deepEqual(served.ends(), [move]);
  }
  assert.deepEqual(ends(), []);
});

test('a failure is told in the last message, and the call ends when the router ends it', () => {
  const { router, listener, told } = opened();
  listener().onEnd({ error: new WeftError('ABORTED', 'no'), move: undefined });
  assert.deepEqual(told(), ['end ABORTED', 'router read']);
  router.onHalfClose();
  assert.deepEqual(told(), ['over', 'router end']);
});

test('who cancels is answered so, whether it was opened or not', () => {
  for (const served of [started(), opened()]) {
    served.told();
    served.pipe.cancel();
    assert.ok(served.told().includes('end CANCELLED'));
    served.pipe.cancel();
    assert.deepEqual(served.told(), []);
    served.router.onMessage(open);
    assert.deepEqual(served.told(), ['router read']);
  }
});

test('a router that ends the call without a word, or is gone, takes its stream along', () => {
  for (const [leave, last] of [
    ['onHalfClose', ['cancel CANCELLED', 'over', 'router end']],
    ['onGone', ['cancel CANCELLED', 'over']],
  ] as const) {
    const { router, told } = opened();
    router[leave]();
    assert.deepEqual(told(), last);
  }
});

test('what does not begin with an open, or is no message, is INVALID_ARGUMENT', () => {
  for (const bytes of [message('a'), Buffer.from([0xff])]) {
    const { router, told } = started();
    router.onMessage(bytes);
    assert.deepEqual(told(), ['router read', 'over', 'router end INVALID_ARGUMENT']);
  }
});

test('a message over the limit of this process ends its stream, with that', () => {
  const { router, told } = opened();
  router.onMessage(message('x'.repeat(1_000)));
  assert.deepEqual(told(), [`send ${'x'.repeat(1_000)}`, 'router read']);
  router.onMessage(message('x'.repeat(1_001)));
  assert.deepEqual(told(), ['cancel RESOURCE_EXHAUSTED', 'end RESOURCE_EXHAUSTED', 'router read']);
});
