// Recognises an encoded image by its first bytes, before any decoder sees it. libvips could read many more formats
// (SVG, PDF, …); keeping to this list keeps their parsers out of reach of a request.

export const encodedFormats = ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF'] as const;
export type EncodedFormat = (typeof encodedFormats)[number];

/** The format that the bytes announce, undefined when it is none of ours. */
export function encodedFormat(bytes: Uint8Array): EncodedFormat | undefined {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'JPEG';
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'PNG';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1');
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'WebP';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'GIF';
  if (text.startsWith('II*\0') || text.startsWith('MM\0*') || text.startsWith('II+\0') || text.startsWith('MM\0+'))
    return 'TIFF';
  if (text.slice(4, 8) === 'ftyp' && /avi[fs]/.test(text.slice(8))) return 'AVIF';
  return undefined;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((octet, index) => bytes[index] === octet);
}
