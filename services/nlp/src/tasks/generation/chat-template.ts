// A model's chat template: the conversation as the prompt that the model was trained on. It is a program of the model's author in
// Jinja, so it is interpreted and never compiled: it sees what it is given here and values made of that, no file, no module, no
// object of JavaScript; `include` and `import` are no words of it. What it takes is bounded: a time in which it has to be done, and
// whoever renders checks the length.
import { createContext, Script } from 'node:vm';
import { Template } from '@huggingface/jinja';
import { WeftError } from '@weft/errors';

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** Throws INVALID_ARGUMENT for a conversation that the template refuses or cannot render. */
export type ChatTemplate = (messages: readonly ChatMessage[]) => string;

export interface ChatTemplateOptions {
  /** What templates call `bos_token`, `eos_token` and so on. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Other texts of the instance wait meanwhile. A usual conversation takes a tenth of a millisecond. */
  readonly limitMs?: number;
}

/** Throws whatever is wrong with the template's text. */
export function parseChatTemplate(text: string, { tokens, limitMs = 1000 }: ChatTemplateOptions): ChatTemplate {
  const template = new Template(text);
  const within = timeLimit(limitMs);
  return (messages) => {
    // What transformers gives to a template where there are neither tools nor documents.
    const given = { ...tokens, messages, add_generation_prompt: true, tools: null, documents: null };
    try {
      return within(() => template.render(given));
    } catch (thrown) {
      const { code, message } = thrown as NodeJS.ErrnoException;
      const reason =
        code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? `takes more than ${limitMs} ms` : `refuses them: ${message}`;
      throw new WeftError('INVALID_ARGUMENT', `messages: the model's chat template ${reason}`, { cause: thrown });
    }
  };
}

/** Nothing else ends a loop of the thread that runs it. */
function timeLimit(limitMs: number): <Result>(work: () => Result) => Result {
  const globals: { work?: () => unknown } = {};
  const context = createContext(globals);
  const script = new Script('work()');
  return <Result>(work: () => Result): Result => {
    globals.work = work;
    try {
      return script.runInContext(context, { timeout: limitMs }) as Result;
    } finally {
      delete globals.work;
    }
  };
}
