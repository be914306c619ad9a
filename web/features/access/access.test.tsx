import '../../testing/dom.ts'
import { expect, test } from 'vitest'
import { aMe } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { Landing } from './landing.tsx'

test('a member lands on the calls', () => {
  const { visited } = renderScreen(<Landing />)
  expect(visited).toEqual(['/calls'])
})

test('a platform role lands on the overview', () => {
  const { visited } = renderScreen(<Landing />, {
    me: aMe({ membership: null, platformRole: 'manager' }),
  })
  expect(visited).toEqual(['/platform'])
})
