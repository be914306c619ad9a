import { expect, test } from 'vitest'
import { parseRange } from './service.ts'

test('a byte range is read as browsers send it', () => {
  expect(parseRange('bytes=0-99', 1000)).toEqual({ start: 0, end: 99 })
  expect(parseRange('bytes=100-', 1000)).toEqual({ start: 100, end: 999 })
  expect(parseRange('bytes=-10', 1000)).toEqual({ start: 990, end: 999 })
  expect(parseRange('bytes=900-5000', 1000)).toEqual({ start: 900, end: 999 })
})

test('a range that means nothing gives the whole object', () => {
  for (const header of [
    null,
    'bytes=',
    'bytes=-',
    'bytes=2000-',
    'bytes=5-1',
    'items=0-1',
    'bytes=0-1,4-5',
  ])
    expect(parseRange(header, 1000)).toBeNull()
})
