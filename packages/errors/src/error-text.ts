// The text of an error as it may travel: whole characters of Unicode, and so few that gRPC's trailers can hold them. Texts repeat what
// clients have sent, and a client that sends a name of a megabyte would otherwise hear nothing at all.

/** Bytes of UTF-8. In a trailer each may take three, and gRPC's C core takes no more than 8 KiB of trailers. */
const maxBytes = 2048;

/** `message`, cut where it is too long, with U+FFFD for halves of characters. */
export function errorText(message: string): string {
  // A character of UTF-16 has three bytes at most. Halves of characters are those that no other half goes with.
  if (message.length <= maxBytes / 3 && !/\p{Surrogate}/u.test(message)) return message;
  const bytes = Buffer.from(message);
  if (bytes.length <= maxBytes) return bytes.toString();
  let end = maxBytes;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}
