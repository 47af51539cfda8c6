// What DNS says, in each of its ways, as discovery hears it: against a real server over UDP.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type NameServer, noSearchList, openNameServer } from '@weft/dispatch';
import { type DnsServer, startDnsServer } from './testing/dns-server.ts';

let dns: DnsServer;
let names: NameServer;
let searching: NameServer;

before(async () => {
  dns = await startDnsServer();
  const servers = [dns.address];
  names = openNameServer({ servers, searchList: noSearchList });
  const domains = ['weft.svc.cluster.test', 'svc.cluster.test', 'cluster.test'];
  searching = openNameServer({ servers, searchList: { domains, ndots: 5 } });
});
after(async () => {
  names.stop();
  searching.stop();
  await dns.stop();
});

const records = (...list: { address: string; ttlSeconds: number }[]) => ({ kind: 'records', records: list });

test('addresses of both kinds come with the time that they live', async () => {
  dns.set('both.test', { a: ['10.0.0.1', '10.0.0.2'], aaaa: ['fd00::1'], ttlSeconds: 7 });
  assert.deepEqual(await names.addresses('both.test'), [
    records({ address: '10.0.0.1', ttlSeconds: 7 }, { address: '10.0.0.2', ttlSeconds: 7 }),
    records({ address: 'fd00::1', ttlSeconds: 7 }),
  ]);
});

test('a name without a kind of address, without the name and a server that fails are three things', async () => {
  dns.set('four.test', { a: ['10.0.0.1'] });
  dns.set('failing.test', 'SERVFAIL');
  assert.deepEqual(
    (await names.addresses('four.test')).map(({ kind }) => kind),
    ['records', 'none'],
  );
  assert.deepEqual(await names.addresses('missing.test'), [{ kind: 'no such name' }, { kind: 'no such name' }]);
  assert.deepEqual(await names.addresses('failing.test'), [
    { kind: 'failed', reason: 'queryA ESERVFAIL failing.test' },
    { kind: 'failed', reason: 'queryAaaa ESERVFAIL failing.test' },
  ]);
});

test('a server that says nothing fails after two tries', async () => {
  dns.set('silent.test', 'silence');
  assert.deepEqual(await names.services('silent.test'), [{ kind: 'failed', reason: 'querySrv ETIMEOUT silent.test' }]);
  assert.equal(dns.queries.filter((query) => query === 'SRV silent.test').length, 2);
});

test('an answer is asked for anew each time, however long it lives', async () => {
  dns.set('cached.test', { a: ['10.0.0.1'], ttlSeconds: 3_600 });
  await names.addresses('cached.test');
  dns.set('cached.test', { a: ['10.0.0.2'], ttlSeconds: 3_600 });
  const [answer] = await names.addresses('cached.test');
  assert.deepEqual(answer, records({ address: '10.0.0.2', ttlSeconds: 3_600 }));
});

test('targets of a service are complete names, and the root is none', async () => {
  dns.set('_grpc._tcp.nlp.test', {
    srv: [
      ['Nlp-0.nlp.test', 8011],
      ['.', 0],
    ],
  });
  assert.deepEqual(await names.services('_grpc._tcp.nlp.test'), [
    { kind: 'records', records: [{ host: 'nlp-0.nlp.test.', port: 8011 }] },
  ]);
});

test('a name is looked for in the search list, a complete one is not', async () => {
  dns.set('nlp.weft.svc.cluster.test', { a: ['10.0.0.1'] });
  const [found] = await searching.addresses('nlp.weft.svc');
  assert.equal(found?.kind, 'records');
  assert.deepEqual(
    dns.queries.filter((query) => query.startsWith('A nlp.weft.svc')),
    ['A nlp.weft.svc.weft.svc.cluster.test', 'A nlp.weft.svc.svc.cluster.test', 'A nlp.weft.svc.cluster.test'],
  );
  const [complete] = await searching.addresses('nlp.weft.svc.');
  assert.equal(complete?.kind, 'no such name');
});

test('the search goes on past a name without addresses, which exists, and stops where a server fails', async () => {
  dns.set('empty.svc.cluster.test', {});
  assert.deepEqual(await searching.addresses('empty'), [{ kind: 'none' }, { kind: 'none' }]);
  dns.set('half.weft.svc.cluster.test', {});
  dns.set('half.cluster.test', { a: ['10.0.0.1'] });
  assert.equal((await searching.addresses('half'))[0]?.kind, 'records');
  dns.set('broken.weft.svc.cluster.test', 'SERVFAIL');
  dns.set('broken', { a: ['10.0.0.1'] });
  assert.equal((await searching.addresses('broken'))[0]?.kind, 'failed');
});
