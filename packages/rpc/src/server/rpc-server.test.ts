import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { fragmentBytes } from '../executor/fragments.ts';
import type { Gate } from '../gate/gate.ts';
import { rpcMethods } from '../protos.ts';
import { collect, startCallServer } from '../testing/call-server.ts';
import type { CallContext } from './call-context.ts';
import type { RpcServer } from './rpc-server.ts';

const embed = '/weft.nlp.v1.NlpService/Embed';
const watch = '/weft.executor.v1.Executor/Watch';
const inferStream = '/inference.GRPCInferenceService/ModelStreamInfer';
const attach = '/weft.executor.v1.Executor/Attach';

async function started(t: TestContext, ...how: Parameters<typeof startCallServer>) {
  const calls = await startCallServer(...how);
  t.after(() => calls.stop());
  return calls;
}

/** A server whose Embed answers, or throws, like this. */
function embedding(t: TestContext, answer: (request: { texts: string[] }, context: CallContext) => object) {
  return started(t, (server) => server.unary(embed, answer));
}

describe('the gate', () => {
  const refusing: Gate = {
    admit(path) {
      throw new WeftError('PERMISSION_DENIED', `no ${path}`);
    },
  };

  test('stands before handlers of every kind, and they never run', async (t) => {
    const ran: string[] = [];
    const register = (server: RpcServer): void => {
      server.unary(embed, () => ({ ran: ran.push('unary') }));
      server.rawUnary('/weft.nlp.v1.NlpService/Rank', () => ran.push('raw'));
      server.rawBidi(attach, () => ran.push('bidi'));
      server.serverStream(watch, async function* () {
        yield { ran: ran.push('stream') };
      });
    };
    const { unary, stream, bidi } = await started(t, register, { gate: refusing });
    assert.equal((await unary(embed, {})).message, `no ${embed}`);
    assert.equal((await unary('/weft.nlp.v1.NlpService/Rank', {})).code, 'PERMISSION_DENIED');
    assert.equal((await collect(stream(watch, {}))).ended, `PERMISSION_DENIED no ${watch}`);
    assert.equal((await collect(bidi(attach))).ended, `PERMISSION_DENIED no ${attach}`);
    assert.deepEqual(ran, []);
  });

  test('stands before every method under proto/, also where nothing serves it', async (t) => {
    const asked: string[] = [];
    const gate: Gate = {
      admit(path, call) {
        asked.push(path);
        return refusing.admit(path, call);
      },
    };
    const { client } = await started(t, () => {}, { gate });
    const bytes = (message: Buffer) => message;
    for (const { path } of rpcMethods().values()) {
      const call = client.makeBidiStreamRequest(path, bytes, bytes);
      call.end(Buffer.alloc(0));
      assert.equal((await collect(call)).ended, `PERMISSION_DENIED no ${path}`);
    }
    assert.deepEqual(asked, [...rpcMethods().keys()]);
  });

  test('lets a method pass that nothing serves, which is then UNIMPLEMENTED', async (t) => {
    const { unary } = await started(t, () => {});
    const { code, message } = await unary(embed, {});
    assert.deepEqual([code, message], ['UNIMPLEMENTED', `this process does not serve ${embed}`]);
  });
});

describe('a unary call', () => {
  test('is decoded and answered', async (t) => {
    const { unary } = await embedding(t, ({ texts }) => ({ model: texts.join('+') }));
    const { response } = await unary(embed, { texts: ['a', 'b'] });
    assert.equal((response as { model: string }).model, 'a+b');
  });

  test('that fails on purpose carries code, message and retry pushback, and is no news in the log', async (t) => {
    const { unary, lines } = await embedding(t, () => {
      throw new WeftError('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', { retryAfterMs: 250.4 });
    });
    const { code, message, trailers } = await unary(embed, {});
    assert.deepEqual(
      [code, message, trailers['grpc-retry-pushback-ms']],
      ['RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', '250'],
    );
    assert.deepEqual(
      lines.map((line) => [line['level'], line['code']]),
      [['debug', 'RESOURCE_EXHAUSTED']],
    );
  });

  test('that fails unexpectedly hides the cause, which the log has with the request id of the trailer', async (t) => {
    const { unary, lines } = await embedding(t, () => {
      throw new TypeError('secret path /srv/keys');
    });
    const { code, message, trailers } = await unary(embed, {});
    assert.deepEqual([code, message], ['INTERNAL', 'internal error']);
    assert.equal(JSON.stringify(trailers).includes('secret'), false);
    assert.equal(lines.length, 1);
    const { level, event, method, requestId, cause } = lines[0] as Record<string, unknown>;
    assert.deepEqual([level, event, method, requestId], ['error', 'rpc.failed', embed, trailers['x-request-id']]);
    assert.match(JSON.stringify(cause), /secret path/);
    assert.match(String(requestId), /^[0-9a-f-]{36}$/);
  });

  test('whose response cannot be encoded is an unexpected failure, not silence', async (t) => {
    const { unary } = await embedding(t, () => ({ embeddings: 'no list' }));
    assert.equal((await unary(embed, {})).code, 'INTERNAL');
  });

  test('that is malformed is INVALID_ARGUMENT', async (t) => {
    const { unary } = await embedding(t, () => ({}));
    const { code, message } = await unary(embed, Buffer.from([0x1f]));
    assert.deepEqual([code, message], ['INVALID_ARGUMENT', 'malformed request message']);
  });

  test('over the message limit is RESOURCE_EXHAUSTED, and the next one is served', async (t) => {
    const { unary } = await started(t, (server) => server.unary(embed, () => ({})), { maxMessageBytes: 1000 });
    // Tag and length of one text take three bytes.
    const { code, message } = await unary(embed, { texts: ['x'.repeat(998)] });
    assert.deepEqual([code, message], ['RESOURCE_EXHAUSTED', 'Received message larger than max (1001 vs 1000)']);
    assert.equal((await unary(embed, { texts: ['x'.repeat(997)] })).code, 'OK');
  });

  test('whose answer is over the message limit is RESOURCE_EXHAUSTED', async (t) => {
    const register = (server: RpcServer): void =>
      server.unary(embed, ({ texts: [text = ''] }: { texts: string[] }) => ({ model: 'x'.repeat(Number(text)) }));
    const { unary } = await started(t, register, { maxMessageBytes: 1000 });
    const { code, message } = await unary(embed, { texts: ['998'] });
    assert.deepEqual([code, message], ['RESOURCE_EXHAUSTED', 'Sent message larger than max (1006 vs. 1000)']);
    assert.equal((await unary(embed, { texts: ['997'] })).code, 'OK');
  });

  test('far over the message limit is RESOURCE_EXHAUSTED before it was read', async (t) => {
    const { unary } = await started(t, (server) => server.unary(embed, () => ({})), { maxMessageBytes: 1000 });
    const { code, message } = await unary(embed, { texts: ['x'.repeat(5_000_000)] });
    assert.equal(code, 'RESOURCE_EXHAUSTED');
    assert.match(message, /^Received message larger than max \(5000005 vs \d+\)$/);
  });

  test('tells its handler who calls, until when, and in which trace', async (t) => {
    let seen: CallContext | undefined;
    const { unary } = await embedding(t, (_request, context) => {
      seen = context;
      return {};
    });
    await unary(embed, {}, { headers: { traceparent: '00-a-b-01', 'weft-tenant': 'team' } });
    assert.deepEqual(
      [seen?.path, seen?.traceparent, seen?.identity.tenant, seen?.deadlineMs],
      [embed, '00-a-b-01', 'team', Infinity],
    );
    const before = performance.now();
    await unary(embed, {}, { deadline: Date.now() + 5_000 });
    assert.equal(seen?.traceparent, '');
    const left = (seen?.deadlineMs ?? 0) - before;
    assert.ok(left > 4_000 && left < 5_050, `${left}`);
  });

  test('that the client cancels tells its handler, once', async (t) => {
    const arrived = new EventTarget();
    let heard = 0;
    const cancelled = new Promise<void>((resolve) => {
      const answer = (_request: Buffer, context: CallContext): void => {
        context.onCancelled(() => {
          heard++;
          resolve();
        });
        arrived.dispatchEvent(new Event('call'));
      };
      void started(t, (server) => server.rawUnary(embed, answer)).then(async ({ unary }) => {
        const call = unary(embed, {});
        await once(arrived, 'call');
        call.cancel();
        assert.equal((await call).code, 'CANCELLED');
      });
    });
    await cancelled;
    assert.equal(heard, 1);
  });
});

describe('a stream of responses', () => {
  test('ends when its handler does', async (t) => {
    const register = (server: RpcServer): void =>
      server.serverStream(watch, async function* () {
        yield { replicaId: '1' };
        yield { replicaId: '2' };
      });
    const { stream } = await started(t, register);
    const { messages, ended } = await collect(stream(watch, {}));
    assert.deepEqual(
      [messages.map((message) => (message as { replicaId: string }).replicaId), ended],
      [['1', '2'], 'OK'],
    );
  });

  test('that fails half way keeps what was sent, and hides an unexpected cause', async (t) => {
    const register = (server: RpcServer): void =>
      server.serverStream(watch, async function* () {
        yield { replicaId: '1' };
        throw new TypeError('secret');
      });
    const { stream, lines } = await started(t, register);
    const { messages, ended } = await collect(stream(watch, {}));
    assert.deepEqual([messages.length, ended], [1, 'INTERNAL internal error']);
    assert.match(JSON.stringify(lines), /secret/);
  });

  test('that a client leaves ends its handler, though it waits', async (t) => {
    let released: () => void = () => {};
    const over = new Promise<void>((resolve) => (released = resolve));
    const register = (server: RpcServer): void =>
      server.serverStream(watch, async function* (_request, _context, signal) {
        try {
          yield { replicaId: '1' };
          await once(signal, 'abort');
        } finally {
          released();
        }
      });
    const { stream } = await started(t, register);
    const call = stream(watch, {});
    call.on('error', () => {});
    await once(call, 'data');
    call.cancel();
    await over;
  });

  test('waits for a client that reads slowly instead of filling the memory', async (t) => {
    let written = 0;
    const register = (server: RpcServer): void =>
      server.serverStream(watch, async function* () {
        for (let message = 0; message < 50; message++) {
          written++;
          yield { replicaId: 'x'.repeat(100_000) };
        }
      });
    const { stream } = await started(t, register);
    const call = stream(watch, {});
    call.pause();
    await once(call, 'metadata');
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    assert.ok(written < 20, `${written} of 50 were written though nobody reads`);
    const collected = collect(call);
    call.resume();
    const { messages, ended } = await collected;
    assert.deepEqual([messages.length, ended], [50, 'OK']);
  });
});

describe('a bidirectional stream', () => {
  test('carries bytes both ways', async (t) => {
    const { bidi } = await started(t, (server) =>
      server.rawBidi(attach, (stream) => {
        stream.on('data', (message: Buffer) => stream.write(Buffer.concat([message, message])));
        stream.once('end', () => stream.end());
      }),
    );
    const call = bidi(attach);
    const collected = collect(call);
    call.write(Buffer.from('a'));
    call.write(Buffer.from('b'));
    call.end();
    assert.deepEqual((await collected).messages.map(String), ['aa', 'bb']);
  });

  test('of a client, with a message over the limit in either direction, fails alone and with that', async (t) => {
    const gone: string[] = [];
    const register = (server: RpcServer): void =>
      server.stream(inferStream, (stream) => {
        stream.listen({
          onMessage: (message) => {
            stream.send(Buffer.concat([message, message]));
            stream.read();
          },
          onHalfClose: () => stream.end(),
          onRoom() {},
          onGone: () => void gone.push('gone'),
        });
        stream.read();
      });
    const { bidi } = await started(t, register, { maxMessageBytes: 1000 });
    const said = async (bytes: number) => {
      const call = bidi(inferStream);
      const collected = collect(call);
      call.write(Buffer.alloc(500));
      call.end(Buffer.alloc(bytes));
      const { messages, ended } = await collected;
      return [messages.length, ended];
    };
    assert.deepEqual(await said(500), [2, 'OK']);
    assert.deepEqual(await said(501), [1, 'RESOURCE_EXHAUSTED Sent message larger than max (1007 vs. 1000)']);
    assert.deepEqual(await said(1001), [1, 'RESOURCE_EXHAUSTED Received message larger than max (1001 vs 1000)']);
    assert.deepEqual(gone, ['gone', 'gone']);
  });

  test('of a router carries whole batches and pieces of messages, whatever the limit of clients is', async (t) => {
    const register = (server: RpcServer): void =>
      server.rawBidi(attach, (stream) => {
        stream.on('data', (message: Buffer) => stream.write(message));
        stream.once('end', () => stream.end());
      });
    const { bidi } = await started(t, register, { maxMessageBytes: 1000 });
    const call = bidi(attach);
    const collected = collect(call);
    call.end(Buffer.alloc(fragmentBytes + 1000));
    const { messages, ended } = await collected;
    assert.deepEqual([messages.map((message) => (message as Buffer).length), ended], [[fragmentBytes + 1000], 'OK']);
  });

  test('whose handler throws ends with that error', async (t) => {
    const { bidi, lines } = await started(t, (server) =>
      server.rawBidi(attach, () => {
        throw new WeftError('FAILED_PRECONDITION', 'not now');
      }),
    );
    assert.equal((await collect(bidi(attach))).ended, 'FAILED_PRECONDITION not now');
    assert.equal(lines[0]?.['method'], attach);
  });
});

describe('a port', () => {
  test('that is taken is refused, saying which', async (t) => {
    const { port } = await started(t, () => {});
    await assert.rejects(
      startCallServer((server) => {
        const listen = server.listen.bind(server);
        server.listen = (host) => listen(host, port);
      }),
      { code: 'FAILED_PRECONDITION', message: `cannot listen on 127.0.0.1:${port}: the port is taken` },
    );
  });
});

describe('stopping', () => {
  test('lets running calls finish and takes no new ones', async () => {
    let finish: () => void = () => {};
    let arrive: () => void = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const calls = await startCallServer((server) =>
      server.unary(embed, () => {
        arrive();
        return new Promise<object>((resolve) => (finish = () => resolve({ model: 'done' })));
      }),
    );
    const running = calls.unary(embed, {});
    await arrived;
    const stopped = calls.server.stop(60_000);
    const late = await startCallServer(() => {});
    await late.stop();
    finish();
    assert.equal(((await running).response as { model: string }).model, 'done');
    await stopped;
    assert.equal((await calls.unary(embed, {})).code, 'UNAVAILABLE');
    calls.client.close();
  });

  test('ends what does not finish in its time', async () => {
    let arrive: () => void = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const calls = await startCallServer((server) => server.rawUnary(embed, () => arrive()));
    const hanging = calls.unary(embed, {});
    await arrived;
    await calls.server.stop(20);
    assert.match((await hanging).code, /^(CANCELLED|UNAVAILABLE)$/);
    calls.client.close();
  });

  test('does not wait for calls that were cancelled without an answer', async () => {
    let gone: () => void = () => {};
    let arrive: () => void = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const cancelled = new Promise<void>((resolve) => (gone = resolve));
    const calls = await startCallServer((server) =>
      server.rawUnary(embed, (_request, context) => {
        context.onCancelled(() => gone());
        arrive();
      }),
    );
    const call = calls.unary(embed, {});
    await arrived;
    call.cancel();
    await cancelled;
    const before = performance.now();
    await calls.server.stop(30_000);
    assert.ok(performance.now() - before < 5_000);
    calls.client.close();
  });
});
