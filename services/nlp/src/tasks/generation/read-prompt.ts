// The tokens that a request's text follows: of its prompt, or of its conversation by the model's chat template.
import { invalidArgument, type WeftError } from '@weft/errors';
import type { InputLimits } from '@weft/runtime';
import type { GenerateRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/GenerateRequest';
import { checkLength } from '../check-texts.ts';
import type { ChatMessage, ChatTemplate } from './chat-template.ts';
import type { GenerationSettings } from './read-generation-settings.ts';
import type { TextTokenizer } from './text-tokenizer.ts';

export interface PromptOptions {
  readonly tokenizer: Pick<TextTokenizer, 'encode' | 'encodeRendered' | 'longestToken'>;
  /** Undefined for a model that has none. */
  readonly chatTemplate: ChatTemplate | undefined;
  readonly settings: Pick<GenerationSettings, 'beginToken' | 'maxContext'>;
  readonly limits: InputLimits;
}

type Asked = Pick<GenerateRequest__Output, 'prompt' | 'messages'>;

/** At least one token, and less than the model's context. Throws INVALID_ARGUMENT naming what is wrong. */
export function readPrompt(request: Asked, options: PromptOptions): number[] {
  const { maxContext } = options.settings;
  const field = request.messages.length === 0 ? 'prompt' : 'messages';
  const tokens = field === 'prompt' ? encodePrompt(request.prompt, options) : encodeMessages(request, options);
  if (tokens.length === 0) throw invalidArgument(`${field}: must not be empty`);
  if (tokens.length >= maxContext) throw noRoom(`${field}: has ${tokens.length} tokens`, maxContext);
  return tokens;
}

/** Before a text is read: that takes long, and others wait meanwhile. */
function checkCharacters(field: string, text: string, { tokenizer, settings, limits }: PromptOptions): void {
  checkLength(field, text, limits);
  const least = Math.ceil(text.length / tokenizer.longestToken);
  if (least >= settings.maxContext)
    throw noRoom(`${field}: has ${text.length} characters, so at least ${least} tokens`, settings.maxContext);
}

function noRoom(what: string, maxContext: number): WeftError {
  return invalidArgument(`${what}, which leaves no room for text: prompt and text have at most ${maxContext}`);
}

function encodePrompt(text: string, options: PromptOptions): number[] {
  checkCharacters('prompt', text, options);
  const { tokenizer, settings } = options;
  const { beginToken } = settings;
  const tokens = tokenizer.encode(text);
  return beginToken === undefined || tokens[0] === beginToken ? tokens : [beginToken, ...tokens];
}

function encodeMessages({ prompt, messages }: Asked, options: PromptOptions): number[] {
  const { tokenizer, chatTemplate, limits } = options;
  if (prompt !== '') throw invalidArgument('prompt: must be empty where there are messages');
  if (chatTemplate === undefined)
    throw invalidArgument('messages: the model has no chat template (weft.file.tokenizer_config), it takes a prompt');
  checkMessages(messages, limits);
  const text = chatTemplate(messages);
  checkCharacters('messages', text, options);
  return tokenizer.encodeRendered(text);
}

/** What a template would take long for is not given to it. */
function checkMessages(messages: readonly ChatMessage[], { maxTexts, maxTextBytes }: InputLimits): void {
  if (messages.length > maxTexts)
    throw invalidArgument(`messages: holds ${messages.length} messages, the limit is ${maxTexts}`);
  for (const [index, { role }] of messages.entries())
    if (role === '') throw invalidArgument(`messages[${index}].role: must not be empty`);
  const bytes = messages.reduce(
    (sum, { role, content }) => sum + Buffer.byteLength(role) + Buffer.byteLength(content),
    0,
  );
  if (bytes > maxTextBytes) throw invalidArgument(`messages: ${bytes} bytes, the limit is ${maxTextBytes} bytes`);
}
