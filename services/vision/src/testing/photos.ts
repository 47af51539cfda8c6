// Photos from npm packages, by what they show.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const outings = join(dirname(require.resolve('jquery-colorbox/package.json')), 'content');
const parties = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'demo');

const files = {
  dog: join(outings, 'daisy.jpg'),
  horseAndWoman: join(outings, 'marylou.jpg'),
  manWithChild: join(outings, 'ohoopee1.jpg'),
  boyByTheRiver: join(outings, 'ohoopee2.jpg'),
  manFishing: join(outings, 'ohoopee3.jpg'),
  threeWomenAtTable: join(parties, 'sample1.jpg'),
  threeWomenWithDrinks: join(parties, 'sample3.jpg'),
  fourWomen: join(parties, 'sample6.jpg'),
} as const;

export function readPhoto(name: keyof typeof files): Promise<Buffer> {
  return readFile(files[name]);
}
