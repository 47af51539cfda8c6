// REST requests that mean no good, through a real mesh: each gets its status and nothing changes; and bytes that are no HTTP.
import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type HostileBody, hostileBodies } from './hostile/hostile-bodies.ts';
import { type HostileMesh, startHostileMesh } from './hostile/hostile-mesh.ts';

let mesh: HostileMesh;
let atFirst: unknown;

before(async () => {
  mesh = await startHostileMesh();
  atFirst = await mesh.standing();
});

after(() => mesh.stop());

const address = (): { host: string; port: number } => {
  const [host = '', port = ''] = String(mesh.router.service.httpAddress).split(':');
  return { host, port: Number(port) };
};

/** fetch would make other paths of these. */
function ask({ verb = 'POST', path, headers = {}, body = '' }: HostileBody): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...address(), method: verb, path, headers, agent: false }, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => void (text += piece));
      response.once('end', () => resolve([response.statusCode ?? 0, text]));
    });
    // A body that nobody reads to its end is answered all the same.
    asked.once('error', reject);
    asked.end(verb === 'GET' ? undefined : body);
  });
}

/** All that comes back for these bytes. */
function say(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(address(), () => socket.end(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => void (text += piece));
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
  });
}

for (const [group, cases] of Object.entries(hostileBodies))
  describe(`REST refuses ${group}`, () => {
    for (const one of cases)
      test(one.what, async () => {
        const [status, text] = await ask(one);
        assert.equal(status, one.status, text);
        assert.match(text, one.text ?? /./);
      });

    test('and nothing has changed', async () => assert.deepEqual(await mesh.standing(), atFirst));
  });

describe('what is no HTTP is answered with 400, or not at all', () => {
  const head = 'POST /v2/models/plain/infer HTTP/1.1\r\nHost: localhost\r\n';
  const cases: Readonly<Record<string, string>> = {
    'two lengths': `${head}Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}`,
    'a length and pieces': `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a negative length': `${head}Content-Length: -1\r\n\r\n`,
    'a length that is no number': `${head}Content-Length: two\r\n\r\n{}`,
    'a piece of negative length': `${head}Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n`,
    'a body that ends before its length': `${head}Content-Length: 100\r\n\r\n{}`,
    'a header without a colon': `${head}nonsense\r\n\r\n`,
    'no host': 'GET /v2 HTTP/1.1\r\n\r\n',
    'headers of a megabyte': `${head}x: ${'x'.repeat(1_000_000)}\r\n\r\n`,
    'another protocol': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'nothing but NUL': '\0'.repeat(1000),
  };
  for (const [what, bytes] of Object.entries(cases))
    test(what, async () => {
      const answer = await say(bytes).catch((thrown: NodeJS.ErrnoException) => thrown.code);
      assert.match(String(answer), /^($|HTTP\/1\.1 4\d\d |ECONNRESET|EPIPE)/);
    });

  test('and nothing has changed', async () => assert.deepEqual(await mesh.standing(), atFirst));
});
