// Triton's example `identity`: each output is the input at its place in the configuration.
import { invalidArgument } from '@weft/errors';
import type { Backend, BackendModel } from '@weft/runtime';
import type { Tensor } from '@weft/tensor';
import { examplePlacement } from './example-model.ts';

export const identityBackend: Backend = {
  name: 'identity',
  async load(_path, { configured = { inputs: [], outputs: [] } }): Promise<BackendModel> {
    const { inputs, outputs } = configured;
    const alike = outputs.every(({ datatype }, at) => datatype === inputs[at]?.datatype);
    if (inputs.length === 0 || inputs.length !== outputs.length || !alike)
      throw invalidArgument("a model of the backend 'identity' has an output of the same datatype for each input");
    const sources = new Map(outputs.map(({ name }, at) => [name, inputs[at]?.name ?? '']));
    return {
      inputs,
      outputs,
      placement: examplePlacement,
      async run(feeds, names = outputs.map(({ name }) => name)) {
        const given = names.flatMap((name): [string, Tensor][] => {
          const tensor = feeds[sources.get(name) ?? ''];
          return tensor === undefined ? [] : [[name, tensor]];
        });
        return Object.fromEntries(given);
      },
      async unload() {},
    };
  },
};
