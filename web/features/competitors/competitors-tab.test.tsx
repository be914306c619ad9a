import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import {
  createCompetitor,
  deleteCompetitor,
  listCompetitors,
  updateCompetitor,
} from '#contracts/competitors'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, aMember, aPage } from '../../testing/factories.ts'
import { aCompetitor } from '../../testing/knowledge-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { CompetitorsTab } from './competitors-tab.tsx'
import { linesOf } from './lines.ts'

const answer = (...competitors: ReturnType<typeof aCompetitor>[]) =>
  onCall(listCompetitors, aPage(competitors))

const cardOf = (name: string) => screen.findByRole('article', { name })

describe('cards', () => {
  test('show what to say, strengths, weaknesses and the website', async () => {
    answer(aCompetitor())
    renderScreen(<CompetitorsTab />)
    const card = await cardOf('Bright Smiles')
    const headings = within(card).getAllByRole('heading', { level: 3 })
    expect(headings.map(({ textContent }) => textContent)).toEqual([
      'What to say',
      'Strengths',
      'Weaknesses',
    ])
    expect(card.textContent).toContain('No emergency line')
    const link = within(card).getByRole('link', { name: /brightsmiles\.test/ })
    expect(link.getAttribute('rel')).toBe('noreferrer')
  })

  test('leave out a list that is empty, and say when all are', async () => {
    answer(aCompetitor({ strengths: [], weaknesses: [], talkingPoints: [] }))
    renderScreen(<CompetitorsTab />)
    const card = await cardOf('Bright Smiles')
    expect(within(card).queryByText('Strengths')).toBeNull()
    expect(card.textContent).toContain('Nothing is noted about them yet.')
  })

  test('fold a long list', async () => {
    answer(aCompetitor({ strengths: ['1st', '2nd', '3rd', '4th', '5th', '6th'] }))
    const { user } = renderScreen(<CompetitorsTab />)
    await cardOf('Bright Smiles')
    expect(screen.queryByText('5th')).toBeNull()
    await user.click(screen.getByRole('button', { name: '2 more' }))
    expect(screen.getByText('6th')).toBeTruthy()
  })

  test('loading, failing, none and none that match are told apart', async () => {
    onCall(listCompetitors, never)
    const loading = renderScreen(<CompetitorsTab />)
    expect(await screen.findByRole('status', { name: 'Loading competitors' })).toBeTruthy()
    loading.unmount()
    onCall(listCompetitors, () => aProblem(403, 'access.forbidden', 'Not for this role.'))
    const failing = renderScreen(<CompetitorsTab />)
    expect((await screen.findByRole('alert')).textContent).toContain('Not for this role.')
    failing.unmount()
    answer()
    const { user } = renderScreen(<CompetitorsTab />, { search: '?name=zz' })
    expect(await screen.findByText('No competitor has this name')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Clear search' }))
    expect(await screen.findByText('No competitors yet')).toBeTruthy()
    expect(requestsTo(listCompetitors).map(({ query }) => query.search)).toContain('zz')
  })

  test('readers see no edit controls', async () => {
    answer(aCompetitor())
    renderScreen(<CompetitorsTab />, { me: aMember('org_manager') })
    await cardOf('Bright Smiles')
    for (const name of [/Add/, /Edit/, /Delete/])
      expect(screen.queryByRole('button', { name })).toBeNull()
  })

  test('while the organization is paused every change says why not', async () => {
    answer(aCompetitor())
    const person = aMe()
    const membership = person.membership && {
      ...person.membership,
      organizationStatus: 'paused' as const,
    }
    renderScreen(<CompetitorsTab />, { me: { ...person, membership } })
    await cardOf('Bright Smiles')
    for (const name of ['Add competitor', 'Edit Bright Smiles', 'Delete Bright Smiles'])
      expect(screen.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true')
  })
})

describe('changing them', () => {
  test('a new one is sent with its lines as points', async () => {
    answer()
    onCall(createCompetitor, aCompetitor({ name: 'DentaPlus' }))
    const { user } = renderScreen(<CompetitorsTab />)
    await user.click(await screen.findByRole('button', { name: 'Add competitor' }))
    const dialog = await screen.findByRole('dialog', { name: 'Add competitor' })
    await user.type(within(dialog).getByLabelText('Name'), 'DentaPlus')
    await user.type(within(dialog).getByLabelText(/^Strengths/), '- Cheap{Enter}{Enter} Near ')
    await user.click(within(dialog).getByRole('button', { name: 'Add competitor' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(createCompetitor).map(({ body }) => body)).toEqual([
      {
        name: 'DentaPlus',
        website: null,
        strengths: ['Cheap', 'Near'],
        weaknesses: [],
        talkingPoints: [],
      },
    ])
  })

  test('what is wrong stands at its field, and nothing is sent', async () => {
    answer()
    const { user } = renderScreen(<CompetitorsTab />)
    await user.click(await screen.findByRole('button', { name: 'Add competitor' }))
    const dialog = await screen.findByRole('dialog')
    await user.type(within(dialog).getByLabelText(/^Website/), 'dentaplus')
    await user.click(within(dialog).getByLabelText(/^Weaknesses/))
    await user.paste('x'.repeat(301))
    await user.click(within(dialog).getByLabelText(/^What to say/))
    await user.paste(Array.from({ length: 21 }, (_, place) => `Point ${place}`).join('\n'))
    await user.click(within(dialog).getByRole('button', { name: 'Add competitor' }))
    expect(await within(dialog).findByText('Fill this in')).toBeTruthy()
    expect(dialog.textContent).toContain('This is not a web address')
    expect(dialog.textContent).toContain('A point has at most 300 characters')
    expect(dialog.textContent).toContain('At most 20 points')
    expect(document.activeElement).toBe(within(dialog).getByLabelText('Name'))
    expect(requestsTo(createCompetitor)).toHaveLength(0)
  })

  test('only what was changed is sent', async () => {
    answer(aCompetitor())
    onCall(updateCompetitor, aCompetitor())
    const { user } = renderScreen(<CompetitorsTab />)
    await user.click(await screen.findByRole('button', { name: 'Edit Bright Smiles' }))
    const dialog = await screen.findByRole('dialog', { name: 'Edit competitor' })
    await user.clear(within(dialog).getByLabelText(/^Website/))
    await user.click(within(dialog).getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(updateCompetitor).map(({ body }) => body)).toEqual([{ website: null }])
  })

  test('a name that is taken says so and keeps what was typed', async () => {
    answer(aCompetitor())
    onCall(createCompetitor, () =>
      aProblem(409, 'competitors.name_taken', 'There is a competitor of this name already.'),
    )
    const { user } = renderScreen(<CompetitorsTab />)
    await user.click(await screen.findByRole('button', { name: 'Add competitor' }))
    const dialog = await screen.findByRole('dialog')
    const name = within(dialog).getByLabelText('Name') as HTMLInputElement
    await user.type(name, 'Bright Smiles')
    await user.click(within(dialog).getByRole('button', { name: 'Add competitor' }))
    const alert = await within(dialog).findByRole('alert')
    expect(alert.textContent).toContain('There is a competitor of this name already.')
    expect(name.value).toBe('Bright Smiles')
  })

  test('deleting asks first and then asks for the list again', async () => {
    answer(aCompetitor())
    onCall(deleteCompetitor, () => new Response(null, { status: 204 }))
    const { user } = renderScreen(<CompetitorsTab />)
    await user.click(await screen.findByRole('button', { name: 'Delete Bright Smiles' }))
    const dialog = await screen.findByRole('dialog', { name: 'Delete Bright Smiles?' })
    expect(requestsTo(deleteCompetitor)).toHaveLength(0)
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }))
    await waitFor(() => expect(requestsTo(listCompetitors)).toHaveLength(2))
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

test('lines become points without bullets, blanks and empty ones', () => {
  expect(linesOf(' - one\r\n\n• two \n*three\n  ')).toEqual(['one', 'two', '*three'])
  expect(linesOf('')).toEqual([])
})
