// These are written without spaces between words, so a phrase is looked for inside of them.
const SPACELESS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u

/** Whether the words stand in the text side by side, whatever their case and the punctuation between them. */
export function containsWords(text: string, words: string): boolean {
  const [whole, part] = [plain(text), plain(words)]
  return SPACELESS.test(part) ? whole.includes(part) : ` ${whole} `.includes(` ${part} `)
}

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    // An apostrophe is part of its word, however it is typed.
    .replaceAll(/['’‘`]/g, '')
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
