const E164 = /^\+[1-9]\d{1,14}$/
const KEYS = ['', '', 'abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz']
const keyOf = (letter: string) => KEYS.findIndex((letters) => letters.includes(letter))

// A carrier that must give a number writes the word as it is typed on a telephone: +266696687 is "anonymous".
const withheld = new Set(
  ['anonymous', 'restricted', 'blocked', 'private', 'unavailable', 'unknown'].map(
    (word) => `+${[...word].map(keyOf).join('')}`,
  ),
)

/** Whether this is one caller's number, and not what everybody who withholds theirs is called by. */
export const isOneCaller = (from: string): boolean => E164.test(from) && !withheld.has(from)
