// The recognition model learned Chinese and Latin text together and sometimes answers with the wide forms that belong
// between Chinese characters. In a line without those, the common forms are meant.

const wideOffset = 0xff00 - 0x20;

/** The text with wide forms (，：（ and so on) made common ones, unless it has Chinese, Japanese or Korean letters. */
export function plainPunctuation(text: string): string {
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text)) return text;
  return text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - wideOffset));
}
