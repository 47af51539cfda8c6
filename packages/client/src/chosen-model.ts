// The two fields that every typed request begins with.
import type { CallOptions } from './call-options.ts';

export function chosenModel({ model = '', modelVersion = '' }: CallOptions): { model: string; modelVersion: string } {
  return { model, modelVersion };
}
