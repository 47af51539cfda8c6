// For tests: frames with times as ffmpeg writes them, with a text and a sound among them.

export function smjpeg(frames: readonly { readonly bytes: Uint8Array; readonly timeMs: number }[]): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const header = [chunk('_TXT', [], Buffer.from('made by = a test')), chunk('_VID', [], Buffer.alloc(12))];
  const sound = chunk('sndD', [7], Buffer.alloc(5));
  const video = frames.flatMap(({ bytes, timeMs }) => [chunk('vidD', [timeMs], bytes), sound]);
  const [start, end, done] = ['\0\nSMJPEG', 'HEND', 'DONE'].map((text) => Buffer.from(text, 'latin1')) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  return Buffer.concat([start, Buffer.alloc(8), ...header, end, ...video, done]);

  function chunk(kind: string, times: readonly number[], content: Uint8Array): Buffer {
    return Buffer.concat([Buffer.from(kind), ...times.map(number), number(content.length), content]);
  }
}
