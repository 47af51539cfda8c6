import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ChatMessage } from './chat-template.ts';
import { type PromptOptions, readPrompt } from './read-prompt.ts';

/** A token for each character; 1 stands before what the tokenizer itself begins. */
const options: PromptOptions = {
  tokenizer: {
    encode: (text) => [1, ...characters(text)],
    encodeRendered: characters,
    longestToken: Number.POSITIVE_INFINITY,
  },
  chatTemplate: (messages) => messages.map(({ role, content }) => `${role}:${content};`).join(''),
  settings: { beginToken: undefined, maxContext: 40 },
  limits: { maxTexts: 3, maxTextBytes: 60, maxImagePixels: 1 },
};
const withBegin: PromptOptions = { ...options, settings: { ...options.settings, beginToken: 2 } };

function characters(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

const prompt = (text: string) => ({ prompt: text, messages: [] });
const chat = (...messages: ChatMessage[]) => ({ prompt: '', messages });
const user = (content: string): ChatMessage => ({ role: 'u', content });

describe('a prompt', () => {
  test('has what the tokenizer and the model put before it', () => {
    assert.deepEqual(readPrompt(prompt('a'), options), [1, 97]);
    assert.deepEqual(readPrompt(prompt('a'), withBegin), [2, 1, 97]);
    assert.deepEqual(readPrompt(prompt(''), withBegin), [2, 1]);
  });

  test('of messages is what the chat template makes of them, and nothing before it', () => {
    assert.deepEqual(readPrompt(chat(user('hi')), options), characters('u:hi;'));
    assert.deepEqual(readPrompt(chat(user('a'), { role: 'm', content: '' }), withBegin), characters('u:a;m:;'));
  });
});

describe('refused are', () => {
  const bare = { ...options, tokenizer: { ...options.tokenizer, encode: characters } };
  const unread = {
    ...options,
    tokenizer: { encode: () => assert.fail(), encodeRendered: () => assert.fail(), longestToken: 1.5 },
  };
  const untold = { ...options, chatTemplate: undefined };
  const silent = { ...options, chatTemplate: () => '' };
  const long = { ...options, chatTemplate: () => 'é'.repeat(31) };
  for (const [what, request, model, message] of [
    ['nothing to go on from', prompt(''), bare, 'prompt: must not be empty'],
    ['a prompt and messages', { ...chat(user('a')), prompt: 'b' }, options, /^prompt: must be empty where there are/],
    ['messages to a model without a template', chat(user('a')), untold, /^messages: the model has no chat template/],
    ['messages of which nothing becomes', chat(user('a')), silent, 'messages: must not be empty'],
    ['a message of nobody', chat(user('a'), { role: '', content: 'b' }), options, /^messages\[1\]\.role: must not be/],
    ['too many messages', chat(...[1, 2, 3, 4].map(() => user('a'))), options, /^messages: holds 4 .* limit is 3$/],
    ['long messages', chat(user('é'.repeat(30))), options, 'messages: 61 bytes, the limit is 60 bytes'],
    ['what a template makes long', chat(user('a')), long, 'messages: 62 bytes, the limit is 60 bytes'],
    ['a prompt without room', prompt('a'.repeat(39)), options, /^prompt: has 40 tokens, which leaves no room/],
    ['messages without room', chat(user('a'.repeat(37))), options, /^messages: has 40 tokens, which leaves no room/],
    [
      'a prompt of too many characters, unread',
      prompt('a'.repeat(59)),
      unread,
      /^prompt: has 59 .* at least 40 tokens, which/,
    ],
    [
      'messages of too many characters, unread',
      chat(user('a'.repeat(56))),
      unread,
      /^messages: has 59 characters, so at/,
    ],
  ] as const)
    test(what, () => {
      assert.throws(() => readPrompt(request, model), { code: 'INVALID_ARGUMENT', message });
    });
});
