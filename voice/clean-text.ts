const NUL = '\u0000'
const REPLACEMENT = '\uFFFD'

/** A vendor's text as a database can store it: NUL and halves of characters are no text there. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll(NUL, REPLACEMENT)
