// Puts a bench's tables into docs/benchmarks.md, between the two comments that mark its place.

/** The document with the section `name` replaced. Throws when the document has no such section. */
export function replaceSection(document: string, name: string, content: string): string {
  const [open, close] = [`<!-- results of ${name} -->`, `<!-- end of ${name} -->`];
  const from = document.indexOf(open);
  const to = document.indexOf(close);
  if (from === -1 || to < from) throw new Error(`no section "${open}" … "${close}"`);
  return `${document.slice(0, from + open.length)}\n\n${content.trim()}\n\n${document.slice(to)}`;
}
