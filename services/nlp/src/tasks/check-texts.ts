// What a request may hold of texts. Errors name the field, and the limit that was passed.
import { invalidArgument } from '@weft/errors';
import type { InputLimits } from '@weft/runtime';

/** Throws INVALID_ARGUMENT for no text, too many, or one that is too long. Empty texts are allowed. */
export function checkTexts(field: string, texts: readonly string[], limits: InputLimits): void {
  if (texts.length === 0) throw invalidArgument(`${field}: must hold at least one text`);
  if (texts.length > limits.maxTexts) {
    throw invalidArgument(`${field}: holds ${texts.length} texts, the limit is ${limits.maxTexts}`);
  }
  for (const [index, text] of texts.entries()) checkLength(`${field}[${index}]`, text, limits);
}

/** Throws INVALID_ARGUMENT for a text that holds nothing but blanks, or is too long. */
export function checkText(field: string, text: string, limits: InputLimits): void {
  checkLength(field, text, limits);
  if (text.trim() === '') throw invalidArgument(`${field}: must not be empty`);
}

/** Throws INVALID_ARGUMENT for a text that is too long. */
export function checkLength(field: string, text: string, { maxTextBytes }: InputLimits): void {
  // No UTF-16 unit takes more than 3 bytes of UTF-8: short texts need no count.
  if (text.length * 3 <= maxTextBytes) return;
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > maxTextBytes) throw invalidArgument(`${field}: ${bytes} bytes, the limit is ${maxTextBytes} bytes`);
}
