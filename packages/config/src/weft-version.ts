// weft's version, as its root package.json says.
import { readFileSync } from 'node:fs';

const root = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };

export const weftVersion: string = root.version;
