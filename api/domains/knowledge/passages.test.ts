import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutIntoPassages } from './passages.ts'

const cut = (text: string) => cutIntoPassages([{ page: null, text }]).map(({ body }) => body)
const sentence = 'We pay refunds back within five working days of the return. '

test('short paragraphs are gathered, and what is about something else under its own heading is not', () => {
  expect(cut('Hello there, this is us.\n\nWe open at eight.')).toEqual([
    'Hello there, this is us.\n\nWe open at eight.',
  ])
  expect(cut('# Opening\nWe open at eight.\n\n# Refunds\nFive days.')).toEqual([
    '# Opening\nWe open at eight.',
    '# Refunds\nFive days.',
  ])
})

test('a heading is repeated where its section goes on', () => {
  const passages = cut(`Refunds\n\n${sentence.repeat(15)}\n\n${sentence.repeat(15)}`)
  expect(passages).toHaveLength(2)
  for (const passage of passages) expect(passage).toMatch(/^Refunds\nWe pay/)
})

test('a long paragraph is cut between sentences', () => {
  const passages = cut(sentence.repeat(80))
  expect(passages.length).toBeGreaterThan(2)
  for (const passage of passages) {
    expect(passage.length).toBeLessThanOrEqual(1_800)
    expect(passage).toMatch(/^We pay.*return\.$/s)
  }
})

test('pages keep their numbers, and positions go on over them', () => {
  const pages = [
    { page: 1, text: 'First page.' },
    { page: 2, text: ' ' },
    { page: 3, text: 'Third page.' },
  ]
  expect(cutIntoPassages(pages)).toEqual([
    { position: 0, page: 1, body: 'First page.' },
    { position: 1, page: 3, body: 'Third page.' },
  ])
})

test('of any text no word is lost, no passage is empty and none is too long', () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/)
  const text = fc
    .array(fc.tuple(word, fc.constantFrom(' ', '. ', '\n', '\n\n', '\n# ')), { maxLength: 600 })
    .map((parts) => parts.flat().join(''))
  fc.assert(
    fc.property(text, (given) => {
      const passages = cut(given)
      const words = (all: string) => new Set(all.match(/[a-z]+/g))
      for (const wanted of words(given)) expect(words(passages.join(' '))).toContain(wanted)
      for (const passage of passages) {
        expect(passage.trim()).not.toBe('')
        expect(passage.length).toBeLessThanOrEqual(1_930)
      }
    }),
    { numRuns: 60 },
  )
})

test('text without a single space is cut all the same', () => {
  const passages = cut('x'.repeat(5_000))
  expect(passages.join('')).toBe('x'.repeat(5_000))
})
