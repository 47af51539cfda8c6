import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseChatTemplate } from './chat-template.ts';

const tokens = { bos_token: '<s>', eos_token: '</s>' };
const render = (template: string, ...contents: [role: string, content: string][]): string =>
  parseChatTemplate(template, { tokens, limitMs: 10_000 })(contents.map(([role, content]) => ({ role, content })));

/** As SmolLM2 and Qwen have it. */
const chatMl = `{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
You help.<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}`;

/** As Llama 3 has it, shortened: a macro's worth of filters, and a question about tools that are none. */
const llama = `{{- bos_token }}
{%- if tools is not none %}
    {{- raise_exception('no tools were given') }}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = '' %}
{%- endif %}
{{- '<|system|>' + system_message }}
{%- for message in messages %}
    {{- '<|' ~ message.role ~ '|>' ~ message.content | trim ~ eos_token }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- endif %}
`;

/** As Mistral and Gemma have it. */
const strict = `{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}[{{ message['role'] }}] {{ message['content'] }}{% endfor %}`;

describe('a chat template', () => {
  test('makes the prompt that its model was trained on', () => {
    assert.equal(
      render(chatMl, ['user', 'Hi'], ['assistant', 'Yes?'], ['user', 'Bye']),
      '<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYes?<|im_end|>\n' +
        '<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n',
    );
    assert.equal(
      render(llama, ['system', ' Be brief. '], ['user', 'Hi\n']),
      '<s><|system|>Be brief.<|user|>Hi</s><|assistant|>',
    );
    assert.equal(render(strict, ['user', 'Hi'], ['assistant', 'Yes?']), '<s>[user] Hi[assistant] Yes?');
  });

  test('refuses roles with the words of its author', () => {
    assert.throws(() => render(strict, ['system', 'Be brief.'], ['user', 'Hi']), {
      code: 'INVALID_ARGUMENT',
      message: "messages: the model's chat template refuses them: System role not supported",
    });
    assert.throws(() => render(strict, ['assistant', 'Hi']), {
      message: /refuses them: Conversation roles must alternate/,
    });
  });

  test('takes what is said for text, and not for a part of itself', () => {
    const said = '{{ bos_token }}{% for x in range(3) %}x{% endfor %}';
    assert.equal(render(strict, ['user', said]), `<s>[user] ${said}`);
  });

  for (const hostile of [
    "{% include '/etc/hostname' %}",
    "{% import 'node:fs' as fs %}",
    "{{ process.mainModule.require('fs') }}",
    "{{ messages.constructor.constructor('return process')() }}",
    "{{ raise_exception.constructor('return process')() }}",
    "{{ range['constructor']['constructor']('return process')() }}",
    "{{ require('fs').readFileSync('/etc/hostname') }}",
    '{{ globalThis.process.exit() }}',
  ])
    test(`that wants more than the conversation gets nothing: ${hostile}`, () => {
      assert.throws(() => render(hostile, ['user', 'Hi']));
    });

  test('knows nothing of what objects inherit', () => {
    const asked = "{{ messages.constructor }}{{ ''.__proto__ }}{{ messages[0]['__proto__'] }}{{ this }}{{ work }}";
    assert.equal(render(asked, ['user', 'Hi']), '');
  });

  test('that does not come to an end is ended, and the next conversation is rendered', () => {
    const endless = '{% if messages | length > 1 %}{% for x in range(1000000000) %}{% endfor %}{% endif %}done';
    const template = parseChatTemplate(endless, { tokens, limitMs: 50 });
    const message = { role: 'user', content: 'Hi' };
    assert.throws(() => template([message, message]), {
      code: 'INVALID_ARGUMENT',
      message: "messages: the model's chat template takes more than 50 ms",
    });
    assert.equal(template([message]), 'done');
  });
});
