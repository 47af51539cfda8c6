// The counting decoder as the folder of an export on Hugging Face's hub, with everything that lies beside a model there. Two ways of
// today: one file with the chat template in tokenizer_config.json, or weights of their own, a tokenizer that begins texts itself, and the
// template in a file.
import { encodeModel, externalOnnxTensor, type OnnxGraph } from '@weft/convert';
import { byteTokenizer, countingDecoder, vocabularySize } from './counting-decoder.ts';

/** `role: content`, a line each, behind the token that begins; the answer's line is left open. */
const chatTemplate =
  "{{ bos_token }}{% for message in messages %}{% if message.role == 'tool' %}{{ raise_exception('there are no tools') }}{% endif %}" +
  "{{ message.role + ': ' + message.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";

const specialTokens = {
  bos_token: '<|begin|>',
  eos_token: { __type: 'AddedToken', content: '<|end|>', special: true },
  pad_token: null,
};

export interface CountingExport {
  /** Content of config.json and of generation_config.json. */
  readonly config: object;
  readonly generationConfig: object;
}

/** Content by path. */
export function countingExport({ config, generationConfig }: CountingExport): Record<string, string | Uint8Array> {
  return {
    'onnx/model.onnx': encodeModel(countingDecoder()),
    'tokenizer.json': byteTokenizer(),
    'tokenizer_config.json': JSON.stringify({ ...specialTokens, chat_template: chatTemplate }),
    'config.json': JSON.stringify({ model_type: 'llama', ...config }),
    'generation_config.json': JSON.stringify(generationConfig),
  };
}

/** With its weights in `onnx/model.onnx_data`, and without a generation config. Its tokenizer puts `beginToken` before a prompt. */
export function largeCountingExport({ config }: Pick<CountingExport, 'config'>): Record<string, string | Uint8Array> {
  const { 'generation_config.json': _, ...files } = countingExport({ config, generationConfig: {} });
  const graph = countingDecoder();
  const vocabulary = Float32Array.from({ length: vocabularySize }, (_token, token) => token);
  return {
    ...files,
    'onnx/model.onnx': encodeModel(withExternalVocabulary(graph)),
    'tokenizer.json': byteTokenizer({ begins: true }),
    'onnx/model.onnx_data': new Uint8Array(vocabulary.buffer),
    'tokenizer_config.json': JSON.stringify(specialTokens),
    'chat_template.jinja': chatTemplate,
  };
}

function withExternalVocabulary(graph: OnnxGraph): OnnxGraph {
  const outside = externalOnnxTensor(
    'vocabulary',
    { datatype: 'FP32', shape: [vocabularySize] },
    { location: 'model.onnx_data', offset: 0, length: vocabularySize * Float32Array.BYTES_PER_ELEMENT },
  );
  const inside = graph.initializers?.filter(({ name }) => name !== outside.name) ?? [];
  return { ...graph, initializers: [...inside, outside] };
}
