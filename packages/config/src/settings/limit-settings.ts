// What one request may hold; over a limit the answer is INVALID_ARGUMENT that names it.
import { MiB } from '../quantity.ts';
import { defineSettings, type SettingsOf } from '../setting.ts';

export const limitSettings = defineSettings({
  maxImagePixels: {
    kind: 'integer',
    default: 50_000_000,
    minimum: 1,
    doc: 'Largest image, in pixels (width × height)',
  },
  maxTextBytes: { kind: 'bytes', default: MiB, minimum: 1, doc: 'Longest text, in bytes of UTF-8' },
  maxTexts: { kind: 'integer', default: 1024, minimum: 1, doc: 'Most texts or documents in one request' },
});

export type LimitSettings = SettingsOf<typeof limitSettings>;
