// What docs/rest.md tells people to type, typed: every command of the page, against a router with the models that it speaks of.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { copyDefaultModel, temporaryFolder } from './testing/author-models.ts';
import { startModelService, startRouterOver } from './testing/local-mesh.ts';

const page = readFileSync(new URL('../../docs/rest.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/```(sh|json)\n(.*?)```/gs)].map(([, kind, text = '']) => ({ kind, text }));
const skip = spawnSync('curl', ['--version']).error === undefined ? false : 'curl is not installed';

test('the commands of docs/rest.md do what the page says', { skip }, async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  await copyDefaultModel(folder.path, 'nlp/use-lite');
  await copyDefaultModel(folder.path, 'nlp/language-detection');
  const nlp = await startModelService('nlp', folder.path);
  t.after(() => nlp.stop());
  await nlp.service.ready;
  const router = await startRouterOver([nlp.address]);
  t.after(() => router.stop());
  const address = String(router.service.httpAddress);
  const answers: string[] = [];
  for (const [index, { kind, text }] of blocks.entries()) {
    if (kind !== 'sh') continue;
    const expected = blocks[index + 1]?.kind === 'json' ? blocks[index + 1]?.text.trim() : undefined;
    // An error is an answer where the page shows one.
    const fail = expected === undefined ? '--fail-with-body ' : '';
    const script = text.replaceAll('localhost:8000', address).replaceAll('curl ', `curl -sS --noproxy '*' ${fail}`);
    const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: folder.path });
    if (expected !== undefined) assert.equal(stdout, expected);
    answers.push(stdout);
  }
  assert.equal(answers.length, 5);
  assert.match(answers[1] ?? '', /"name":"scores","datatype":"FP32","shape":\[1,54\],"data":\[/);
  const raw = readFileSync(`${folder.path}/answer.bin`);
  assert.match(raw.toString('latin1'), /"binary_data_size":216\}/);
  assert.match(answers[3] ?? '', /"usage":\{"prompt_tokens":\d+,/);
});
