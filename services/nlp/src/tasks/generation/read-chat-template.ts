// Where a model's chat template lies: in `chat_template.jinja`, where newer exports keep it, or in `tokenizer_config.json`, with the
// tokens that it calls by name. A model that was never taught to talk has none.
import { readFile } from 'node:fs/promises';
import { invalidArgument } from '@weft/errors';
import type { TaskContext } from '@weft/runtime';
import { type ChatTemplate, parseChatTemplate } from './chat-template.ts';
import { readModelJson } from './read-model-json.ts';

/** Throws INVALID_ARGUMENT for a template that cannot be read: it would fail at every request. */
export async function readChatTemplate(
  context: Pick<TaskContext, 'parameter' | 'file'>,
): Promise<ChatTemplate | undefined> {
  const config = await readModelJson(context, 'tokenizer_config');
  const own = context.parameter('file.chat_template') !== undefined;
  const text = own ? await readFile(context.file('chat_template'), 'utf8') : templateIn(config);
  if (text === undefined) return undefined;
  try {
    return parseChatTemplate(text, { tokens: tokensIn(config) });
  } catch (cause) {
    const where = own ? 'weft.file.chat_template' : 'weft.file.tokenizer_config: its chat_template';
    throw invalidArgument(`${where}: cannot be read as a template of Jinja: ${(cause as Error).message}`);
  }
}

/** One template, or several by their names: those beside `default` are for tools and documents. */
function templateIn({ chat_template: given }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof given === 'string') return given;
  const named = Array.isArray(given) ? (given as { readonly name?: unknown; readonly template?: unknown }[]) : [];
  const template = named.find(({ name }) => name === 'default')?.template;
  return typeof template === 'string' ? template : undefined;
}

/** `bos_token` and the like: as texts, or as objects with their content. */
function tokensIn(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const named = Object.entries(config).filter(([name]) => /^[a-z]+_token$/.test(name));
  const texts = named.map(([name, token]) => [
    name,
    (token as { readonly content?: unknown } | null)?.content ?? token,
  ]);
  return Object.fromEntries(texts.filter(([, text]) => typeof text === 'string')) as Record<string, string>;
}
