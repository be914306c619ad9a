import { expect, test } from 'vitest'
import { differencesOf } from './diff.ts'
import { fingerprintOf } from './fingerprint.ts'

test('a difference names its place, and has no side where there is nothing', () => {
  const before = { prompt: 'One', tools: { webhooks: [{ name: 'a', url: 'x' }] }, gone: null }
  const after = { prompt: 'Two', tools: { webhooks: [{ name: 'a', url: 'y' }, { name: 'b' }] } }
  expect(differencesOf(before, after)).toEqual([
    { path: 'prompt', before: 'One', after: 'Two' },
    { path: 'tools.webhooks.0.url', before: 'x', after: 'y' },
    { path: 'tools.webhooks.1', after: { name: 'b' } },
    { path: 'gone', before: null },
  ])
})

test('what is the same has no difference and one fingerprint, whatever the order of its keys', () => {
  const one = { a: 1, b: { c: [1, 2], d: null } }
  const other = { b: { d: null, c: [1, 2] }, a: 1 }
  expect(differencesOf(one, other)).toEqual([])
  expect(fingerprintOf(one)).toBe(fingerprintOf(other))
  expect(fingerprintOf({ ...one, a: '1' })).not.toBe(fingerprintOf(one))
  expect(fingerprintOf({ b: { c: [2, 1], d: null }, a: 1 })).not.toBe(fingerprintOf(one))
})
