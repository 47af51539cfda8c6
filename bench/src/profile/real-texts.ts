// Texts as people send them: sentences of five to twenty-five words, and programs in some languages, which are files of
// this repository.
import { readFile } from 'node:fs/promises';

export const sentences: readonly string[] = [
  'How do I change the address on an order that has already been paid?',
  'The parcel was sent on Monday and should arrive before the end of the week.',
  'My flight was cancelled because of the storm, and nobody at the counter could tell me when the next one leaves.',
  'The museum is closed on Mondays.',
  'After two days of rain the river rose over the meadow, and the farmers drove their cattle to the hill behind the church.',
  'The battery of my laptop drains within an hour although it is only a year old.',
  'Researchers found that people who walk for half an hour every day sleep better than those who do not.',
  'Which documents do I have to bring along when I apply for a residence permit for my family?',
];

const programFiles = [
  'proto/weft/nlp/v1/nlp.proto',
  'test/clients/python_client.py',
  'packages/flow/src/fair-queue.ts',
  'scripts/bootstrap.mjs',
];

/** The first 1,000 characters of each. */
export function readPrograms(): Promise<string[]> {
  return Promise.all(
    programFiles.map(async (file) =>
      (await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8')).slice(0, 1000),
    ),
  );
}
