import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidateNames, noSearchList, parseSearchList } from './search-list.ts';

const pod = `
# made by kubelet
nameserver 10.96.0.10
search weft.svc.cluster.local svc.cluster.local cluster.local.
options timeout:2 ndots:5 ; edns0
`;

test('search domains and ndots are read from resolv.conf, the last of several lines', () => {
  assert.deepEqual(parseSearchList(pod), {
    domains: ['weft.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
    ndots: 5,
  });
  assert.deepEqual(parseSearchList('domain a.test\nsearch b.test'), { domains: ['b.test'], ndots: 1 });
  assert.deepEqual(parseSearchList('options ndots:99\r\nnameserver ::1\r\n'), { domains: [], ndots: 15 });
  assert.deepEqual(parseSearchList('search .\n'), noSearchList);
  assert.deepEqual(parseSearchList(''), noSearchList);
});

test('a name with few dots is first looked for in the search domains', () => {
  assert.deepEqual(candidateNames('nlp.weft.svc', parseSearchList(pod)), [
    'nlp.weft.svc.weft.svc.cluster.local',
    'nlp.weft.svc.svc.cluster.local',
    'nlp.weft.svc.cluster.local',
    'nlp.weft.svc',
  ]);
});

test('a name with many dots is first taken as it is', () => {
  assert.deepEqual(candidateNames('a.b', { domains: ['test'], ndots: 1 }), ['a.b', 'a.b.test']);
});

test('a name that ends in a dot is complete, and so is every name without a search list', () => {
  assert.deepEqual(candidateNames('nlp.', parseSearchList(pod)), ['nlp']);
  assert.deepEqual(candidateNames('nlp', noSearchList), ['nlp']);
});
