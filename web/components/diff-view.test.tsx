import '../testing/dom.ts'
import { screen } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { renderScreen } from '../testing/screen.tsx'
import { DiffView, differences } from './diff-view.tsx'

describe('differences', () => {
  test('are what is new, gone or other; equal values are left out', () => {
    expect(
      differences({ name: 'a', same: 1, gone: true }, { name: 'b', same: 1, added: [1] }),
    ).toEqual([
      { name: 'name', before: 'a', after: 'b' },
      { name: 'gone', before: true, after: undefined },
      { name: 'added', before: undefined, after: [1] },
    ])
  })

  test('are found inside records; lists count as a whole', () => {
    expect(
      differences(
        { limits: { calls: 5, seats: 2 }, list: [1, 2] },
        { limits: { calls: 6, seats: 2 } },
      ),
    ).toEqual([
      { name: 'limits.calls', before: 5, after: 6 },
      { name: 'list', before: [1, 2], after: undefined },
    ])
  })

  test('of nothing and something, of plain values, and of nothing at all', () => {
    expect(differences(null, { role: 'admin' })).toEqual([
      { name: 'role', before: undefined, after: 'admin' },
    ])
    expect(differences(1, 2)).toEqual([{ name: '', before: 1, after: 2 }])
    expect(differences(undefined, null)).toEqual([])
  })
})

test('a difference is told without colour too', () => {
  renderScreen(<DiffView before={{ cents: 5 }} after={{ cents: 7 }} />)
  expect(screen.getByText('Before:')).toBeTruthy()
  expect(screen.getByText('After:')).toBeTruthy()
  expect(screen.getByText('5').tagName).toBe('DEL')
  expect(screen.getByText('7').tagName).toBe('INS')
})

test('an entry without values says so', () => {
  renderScreen(<DiffView before={null} after={null} />)
  expect(screen.getByText('No values were recorded.')).toBeTruthy()
})
