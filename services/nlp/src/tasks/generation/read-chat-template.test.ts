import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readChatTemplate } from './read-chat-template.ts';

/** A model beside which these files lie. */
function modelWith(t: TestContext, files: { tokenizer_config?: object; chat_template?: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'weft-chat-template-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return {
    parameter: (name: string) => (name.replace('file.', '') in files ? `file:${name}` : undefined),
    file: (name: string) => join(folder, name),
  };
}

const messages = [{ role: 'user', content: 'Hi' }];
const template = '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}';
const tokens = { bos_token: '<s>', eos_token: { __type: 'AddedToken', content: '</s>' }, pad_token: null };

test('the template and its tokens are those of tokenizer_config.json', async (t) => {
  const rendered = await readChatTemplate(modelWith(t, { tokenizer_config: { ...tokens, chat_template: template } }));
  assert.equal(rendered?.(messages), '<s>Hi</s>');
});

test('of several templates it is the default one', async (t) => {
  const several = [
    { name: 'tool_use', template: 'tools' },
    { name: 'default', template },
  ];
  const rendered = await readChatTemplate(modelWith(t, { tokenizer_config: { ...tokens, chat_template: several } }));
  assert.equal(rendered?.(messages), '<s>Hi</s>');
});

test('a file of its own comes before it', async (t) => {
  const files = { tokenizer_config: { ...tokens, chat_template: 'older' }, chat_template: template };
  assert.equal((await readChatTemplate(modelWith(t, files)))?.(messages), '<s>Hi</s>');
});

test('a model without one has none', async (t) => {
  assert.equal(await readChatTemplate(modelWith(t, {})), undefined);
  assert.equal(await readChatTemplate(modelWith(t, { tokenizer_config: tokens })), undefined);
});

test('one that cannot be read keeps the model from loading', async (t) => {
  await assert.rejects(readChatTemplate(modelWith(t, { tokenizer_config: { chat_template: '{% if %}' } })), {
    code: 'INVALID_ARGUMENT',
    message: /^weft\.file\.tokenizer_config: its chat_template: cannot be read as a template of Jinja: /,
  });
  await assert.rejects(readChatTemplate(modelWith(t, { chat_template: '{{ x' })), {
    message: /^weft\.file\.chat_template: cannot be read as a template of Jinja: /,
  });
});
