// Turns onnxruntime's errors into one line for people. Its own texts come with C++ source locations and signatures,
// and with absolute paths of this machine, which clients who read a model's state have no business to see.
import { dirname } from 'node:path';

/** True when the runtime refused the model itself, whatever it was to run on. */
export function isModelFailure(thrown: unknown): boolean {
  return messageOf(thrown).startsWith('Load model from ');
}

/** One line that says what went wrong with the model at `path`. */
export function explainFailure(thrown: unknown, path: string): string {
  const message = hideFolder(messageOf(thrown), dirname(path)).replace(/^Load model from .*? failed:/s, '');
  const text = withoutSource(message).replaceAll(/\s+/g, ' ').trim();
  for (const [pattern, explanation] of explanations) {
    if (pattern.test(text)) return explanation;
  }
  return text;
}

const explanations: readonly (readonly [RegExp, string])[] = [
  [/Protobuf parsing failed|does not have a graph/, 'the file is not a valid ONNX model'],
  [/Failed to load shared library/, "the provider's library or one that it needs cannot be loaded"],
  [/Failed to get a WebGPU adapter/, 'there is no WebGPU adapter'],
];

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function hideFolder(message: string, folder: string): string {
  return folder.length > 1 ? message.replaceAll(`${folder}/`, '').replaceAll(folder, '.') : message;
}

/** The message after `<file>.cc:<line> <C++ signature>`: the signature ends where its first parenthesis closes. */
function withoutSource(message: string): string {
  if (!/^\S+\.(?:cc|cpp|cu|h):\d+ /.test(message)) return message;
  let depth = 0;
  for (let at = message.indexOf('('); at >= 0 && at < message.length; at++) {
    if (message[at] === '(') depth++;
    if (message[at] === ')' && --depth === 0)
      return message.slice(at + 1).replace(/^(?: const|::<lambda[^>]*>| \[with [^\]]*\])*/, '');
  }
  return message;
}
