import { expect, test } from 'vitest'
import { containsWords } from './words.ts'

test.each([
  ['We are open from nine to five.', 'NINE to five'],
  ['“Nine,” she said, “to five.”', 'nine she said to five'],
  ["It's Dana's desk", 'its danas desk'],
  ['Müller & Söhne, guten Tag', 'müller söhne'],
  ['The fee is ９０ dollars', '90 dollars'],
  ['営業時間は九時から五時までです。', '九時から五時'],
  ['nine', 'nine'],
])('%s has %s in it', (text, words) => expect(containsWords(text, words)).toBe(true))

test.each([
  ['We are open from nine to five.', 'five to nine'],
  ['We opened at nineteen', 'nine'],
  ['nine until five', 'nine five'],
  ['', 'nine'],
])('%s has no %s in it', (text, words) => expect(containsWords(text, words)).toBe(false))
