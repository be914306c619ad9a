import '../../testing/dom.ts'
import { screen, within } from '@testing-library/react'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aTurn, someTurns } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { partHeard } from './heard.ts'
import { cutAtMatches, findMatches, stepMatch, turnAt } from './search.ts'
import { Transcript } from './transcript.tsx'

describe('what was heard', () => {
  test('a turn that was cut off is parted where the other side stopped hearing it', () => {
    expect(partHeard({ text: 'one two three', heard: 'cut', heardText: 'one two' })).toEqual({
      heard: 'one two',
      unheard: ' three',
    })
  })

  test('a correction that reads differently counts alone', () => {
    expect(partHeard({ text: 'One, two three', heard: 'cut', heardText: 'one two' })).toEqual({
      heard: 'one two',
      unheard: '',
    })
  })

  test('what was cut off or never played is said in words, too', () => {
    renderScreen(<Transcript turns={someTurns()} playback={null} />)
    const turns = within(screen.getByRole('list', { name: 'Transcript' })).getAllByRole('listitem')
    expect(turns[2]?.textContent).toContain('Cut off: the rest was not heard')
    expect(turns[3]?.textContent).toContain('Never heard by the caller')
    expect(turns[0]?.textContent).not.toContain('heard')
  })
})

describe('searching', () => {
  test('says how many matches there are; Enter goes to the next, Shift Enter back', async () => {
    const turns = [aTurn({ text: 'Time and time again' }), aTurn({ seq: 1, text: 'no more time' })]
    const { user } = renderScreen(<Transcript turns={turns} playback={null} />)
    await user.type(screen.getByRole('searchbox', { name: 'Search the transcript' }), 'time')
    expect(await screen.findByText('1 of 3')).toBeTruthy()
    await user.keyboard('{Enter}')
    expect(screen.getByText('2 of 3')).toBeTruthy()
    await user.keyboard('{Shift>}{Enter}{Enter}{/Shift}')
    expect(screen.getByText('3 of 3')).toBeTruthy()
    expect(document.querySelector('mark[data-current]')?.closest('li')?.textContent).toContain(
      'no more',
    )
  })

  test('words that do not occur are told', async () => {
    const { user } = renderScreen(<Transcript turns={someTurns()} playback={null} />)
    await user.type(screen.getByRole('searchbox'), 'zebra')
    expect(await screen.findByText('No match')).toBeTruthy()
  })

  test('matches are found without regard to case and do not overlap', () => {
    expect(findMatches(['aAa'], 'aa')).toEqual([{ turn: 0, start: 0, end: 2 }])
    expect(findMatches(['x'], '  ')).toEqual([])
  })

  test('stepping goes round and round', () => {
    expect(stepMatch(2, 3, 1)).toBe(0)
    expect(stepMatch(0, 3, -1)).toBe(2)
    expect(stepMatch(0, 0, 1)).toBe(0)
  })

  test('cutting a text at its matches loses no letter', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 1, maxLength: 3 }),
        fc.nat(9),
        (text, query, offset) => {
          const matches = findMatches([text], query).map((match, index) => ({ ...match, index }))
          const tail = text.slice(offset)
          expect(
            cutAtMatches(tail, Math.min(offset, text.length), matches)
              .map((piece) => piece.text)
              .join(''),
          ).toBe(tail)
        },
      ),
    )
  })
})

test('the current turn is the last one that has begun', () => {
  const turns = [{ startMs: 500 }, { startMs: 3_000 }, { startMs: 6_000 }]
  expect([0, 500, 2_999, 3_000, 99_999].map((ms) => turnAt(turns, ms))).toEqual([-1, 0, 0, 1, 2])
})

test('a long transcript is not drawn whole', () => {
  const turns = Array.from({ length: 2_000 }, (_, seq) => aTurn({ seq, startMs: seq * 1_000 }))
  renderScreen(<Transcript turns={turns} playback={null} />)
  expect(screen.queryAllByText('Good morning.').length).toBeLessThan(200)
})
