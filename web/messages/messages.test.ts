import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { locales } from '../lib/intl/locales.ts'

type Tree = { [key: string]: string | Tree }

const root = join(import.meta.dirname, '..')
const read = (locale: string): Tree =>
  JSON.parse(readFileSync(join(root, 'messages', `${locale}.json`), 'utf8'))

const leaves = (tree: Tree, path = ''): Map<string, string> =>
  new Map(
    Object.entries(tree).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[path + key, value]] : [...leaves(value, `${path}${key}.`)],
    ),
  )

/** The names a text takes, however its language orders them. */
const argumentsOf = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map((match) => match[1] ?? ''))].sort()

const english = leaves(read('en'))

test('every language has a file, and every file is a language', () => {
  const files = readdirSync(join(root, 'messages')).filter((file) => file.endsWith('.json'))
  // The API's own sentences for problems are English.
  const others = locales.filter((locale) => locale !== 'en')
  const wanted = [...locales, ...others.map((locale) => `problems.${locale}`)]
  expect(files.sort()).toEqual(wanted.map((name) => `${name}.json`).sort())
})

for (const locale of locales.filter((each) => each !== 'en')) {
  test(`${locale} has exactly the texts English has`, () => {
    expect([...leaves(read(locale)).keys()].sort()).toEqual([...english.keys()].sort())
  })

  test(`${locale} takes the same values as English in every text`, () => {
    for (const [key, text] of leaves(read(locale))) {
      expect(argumentsOf(text), key).toEqual(argumentsOf(english.get(key) ?? ''))
    }
  })

  test(`${locale} leaves no text empty`, () => {
    for (const [key, text] of leaves(read(locale))) expect(text.trim(), key).not.toBe('')
  })
}

test('no text shouts', () => {
  for (const locale of locales) {
    for (const [key, text] of leaves(read(locale)))
      expect(text, `${locale} ${key}`).not.toContain('!')
  }
})
