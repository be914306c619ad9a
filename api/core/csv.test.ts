import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('a line holds its values, with moments as ISO text and absent ones empty', () => {
  expect(csvLine([1, 'a', null, undefined, new Date(0), { b: 2 }])).toBe(
    '1,a,,,1970-01-01T00:00:00.000Z,"{""b"":2}"\r\n',
  )
})

test('commas, quotes and line breaks stay inside their cell', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines'])).toBe('"a,b","say ""hi""","two\nlines"\r\n')
})

test('what a spreadsheet would run is text, and a negative figure is still a figure', () => {
  expect(csvLine(['=1+1', '+1', '-2+3', '@SUM(A1)', '\tx', '\rx'])).toBe(
    `"'=1+1","'+1","'-2+3","'@SUM(A1)","'\tx","'\rx"\r\n`,
  )
  expect(csvLine([-5, '-5'])).toBe(`-5,"'-5"\r\n`)
})
