import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTokenFile } from './token-file.ts';

const digest = 'ab'.repeat(32);
const entry = { name: 'team-a', sha256: digest, roles: ['infer'] };

function refusal(content: unknown): string {
  let message = '';
  assert.throws(
    () => parseTokenFile('/etc/weft/tokens.json', typeof content === 'string' ? content : JSON.stringify(content)),
    (error: Error & { code?: string }) => {
      message = error.message;
      return error.code === 'FAILED_PRECONDITION';
    },
  );
  return message;
}

test('an entry has a name, a hash or a certificate, roles, and perhaps tenant and priorities', () => {
  const tokens = [
    { ...entry, tenant: 'a', priorities: [2, 1] },
    { name: 'router', certificate: 'router.weft', roles: ['executor', 'infer'] },
  ];
  const [byHash, byCertificate] = parseTokenFile('x', JSON.stringify({ tokens }));
  assert.deepEqual(byHash, { ...tokens[0], sha256: Buffer.from(digest, 'hex') });
  assert.deepEqual(byCertificate, tokens[1]);
});

test('an error names the file and the field', () => {
  const file = 'token file /etc/weft/tokens.json: ';
  assert.equal(refusal('{'), `${file}is not valid JSON`);
  assert.match(refusal([]), /^token file \/etc\/weft\/tokens\.json: the file: /);
  assert.match(refusal({}), /: tokens: /);
  assert.match(refusal({ tokens: [entry, { ...entry, name: '' }] }), /: tokens\[1\]\.name: must not be empty$/);
  assert.match(
    refusal({ tokens: [{ ...entry, sha256: 'abc' }] }),
    /: tokens\[0\]\.sha256: must be the token's SHA-256/,
  );
  assert.match(
    refusal({ tokens: [{ ...entry, roles: ['root'] }] }),
    /: tokens\[0\]\.roles\[0\]: .*"infer"\|"admin"\|"executor"/,
  );
  assert.match(refusal({ tokens: [{ ...entry, roles: [] }] }), /: tokens\[0\]\.roles: must name at least one role$/);
  assert.match(refusal({ tokens: [{ ...entry, priorities: [-1] }] }), /: tokens\[0\]\.priorities\[0\]: /);
  assert.match(
    refusal({ tokens: [{ ...entry, certificate: 'x' }] }),
    /: tokens\[0\]: must have either sha256 or certificate$/,
  );
  assert.match(refusal({ tokens: [{ name: 'x', roles: ['infer'] }] }), /: tokens\[0\]: must have either/);
});

test('a misspelt field is refused, so that no restriction is lost in silence', () => {
  assert.match(refusal({ tokens: [{ ...entry, priorites: [1] }] }), /: tokens\[0\]: .*priorites/);
});

test('an error never quotes a token that somebody wrote into the file', () => {
  const secret = 'hunter2hunter2';
  assert.doesNotMatch(refusal({ tokens: [{ ...entry, sha256: secret }] }), /hunter2/);
  assert.doesNotMatch(refusal({ tokens: [{ ...entry, token: secret }] }), /hunter2/);
  assert.doesNotMatch(refusal(`{"tokens":[${secret}]}`), /hunter2/);
});

test('names, hashes and certificates are unique', () => {
  const other = 'cd'.repeat(32);
  assert.match(
    refusal({ tokens: [entry, { ...entry, sha256: other }] }),
    /: tokens\[1\]\.name: another entry has the same$/,
  );
  const sameHash = { ...entry, name: 'b', sha256: digest.toUpperCase() };
  assert.match(refusal({ tokens: [entry, sameHash] }), /: tokens\[1\]\.sha256: another entry has the same$/);
  const certificates = ['a', 'b'].map((name) => ({ name, certificate: 'x', roles: ['infer'] }));
  assert.match(refusal({ tokens: certificates }), /: tokens\[1\]\.certificate: another entry has the same$/);
});
