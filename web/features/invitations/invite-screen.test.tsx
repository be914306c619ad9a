import { screen, waitFor } from '@testing-library/react'
import { useState } from 'react'
import { beforeEach, describe, expect, test } from 'vitest'
import { getMe } from '#contracts/access'
import { acceptInvitation, previewInvitation } from '#contracts/invitations'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, anId } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { aPreview } from '../../testing/team-factories.ts'
import { InviteScreen } from './invite-screen.tsx'

const TOKEN = 'aB3_-'.repeat(8).concat('xyz')
const invited = () => aMe({ membership: null })

beforeEach(() => {
  sessionStorage.clear()
  location.hash = TOKEN
})

function open(isSignedIn: boolean | undefined = true) {
  const done: string[] = []
  const view = renderScreen(
    <InviteScreen isSignedIn={isSignedIn} onSwitch={() => done.push('switched')} />,
  )
  return { ...view, done }
}

/** Signed in until they press to switch. */
function Visitor() {
  const [isSignedIn, setSignedIn] = useState(true)
  return <InviteScreen isSignedIn={isSignedIn} onSwitch={() => setSignedIn(false)} />
}

const heading = (name: string) => screen.findByRole('heading', { level: 1, name })

describe('the link', () => {
  test('leaves the address at once, and the token goes to the server in the body only', async () => {
    onCall(previewInvitation, aPreview())
    open(false)
    await heading('Northwind Dental invites you')
    expect(location.hash).toBe('')
    const [asked] = requestsTo(previewInvitation)
    expect(asked).toMatchObject({ body: { token: TOKEN }, query: {} })
  })

  test('is offered anew to whoever signs out', async () => {
    onCall(previewInvitation, aPreview())
    onCall(getMe, aMe({ membership: null, email: 'other@elsewhere.test' }))
    const { user } = renderScreen(<Visitor />)
    await heading('This invitation is for another address')
    await user.click(screen.getByRole('button', { name: 'Switch account' }))
    await heading('Northwind Dental invites you')
    expect(screen.getByRole('link', { name: 'Create account' })).toBeTruthy()
  })

  test('survives the way over the sign-in', async () => {
    onCall(previewInvitation, aPreview())
    open(false).unmount()
    location.hash = ''
    open(false)
    await heading('Northwind Dental invites you')
    const signIn = screen.getByRole('link', { name: 'Sign in' })
    expect(signIn.getAttribute('href')).toBe('/sign-in?redirect_url=%2Finvite')
  })

  test('that is cut off asks nobody', async () => {
    location.hash = 'short'
    open()
    await heading('The link is not complete')
    expect(requestsTo(previewInvitation)).toHaveLength(0)
  })

  test('that nobody knows says so', async () => {
    onCall(previewInvitation, () => aProblem(404, 'request.not_found'))
    open(false)
    await heading('There is no such invitation')
  })

  test('that cannot be looked up now can be tried again', async () => {
    let tries = 0
    onCall(previewInvitation, () => {
      tries += 1
      return tries === 1 ? aProblem(503, 'vendor.unavailable') : aPreview()
    })
    const { user } = open(false)
    await user.click(await screen.findByRole('button', { name: 'Try again' }))
    await heading('Northwind Dental invites you')
  })
})

describe('an invitation that is over', () => {
  test.each([
    ['expired', 'This invitation has expired'],
    ['accepted', 'This invitation was used already'],
    ['revoked', 'This invitation was taken back'],
  ] as const)('%s: says so and offers no way in', async (status, title) => {
    onCall(previewInvitation, aPreview({ status }))
    onCall(getMe, invited())
    open()
    await heading(title)
    expect(screen.queryByRole('button', { name: 'Join' })).toBeNull()
  })
})

describe('a pending one', () => {
  test('waits until it is known who is signed in', async () => {
    onCall(previewInvitation, aPreview())
    onCall(getMe, never)
    open()
    expect(await screen.findByRole('status', { name: 'Loading the invitation' })).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
  })

  test('is accepted by whom it is for, who then goes to the console', async () => {
    onCall(previewInvitation, aPreview())
    onCall(getMe, invited())
    onCall(acceptInvitation, { organizationId: anId(901), role: 'org_manager' })
    const { user, visited } = open()
    await user.click(await screen.findByRole('button', { name: 'Join' }))
    await waitFor(() => expect(visited).toEqual(['/']))
    expect(requestsTo(acceptInvitation)).toMatchObject([{ body: { token: TOKEN } }])
    expect(sessionStorage).toHaveLength(0)
  })

  test('offers another address to switch accounts', async () => {
    onCall(previewInvitation, aPreview({ emailHint: 'b…o@northwind.test' }))
    onCall(getMe, invited())
    const { user, done } = open()
    await heading('This invitation is for another address')
    expect(screen.getByText(/b…o@northwind.test/).textContent).toContain('ana@northwind.test')
    await user.click(screen.getByRole('button', { name: 'Switch account' }))
    expect(done).toEqual(['switched'])
  })

  test('believes the server where the hint fits and the address does not', async () => {
    onCall(previewInvitation, aPreview())
    onCall(getMe, invited())
    onCall(acceptInvitation, () => aProblem(403, 'invitations.other_address'))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Join' }))
    await heading('This invitation is for another address')
  })

  test('tells a member of an organization that there is one already', async () => {
    onCall(previewInvitation, aPreview())
    onCall(getMe, aMe())
    open()
    await heading('You belong to an organization already')
    expect(screen.queryByRole('button', { name: 'Join' })).toBeNull()
  })

  test('tells of a paused organization, before and after the try', async () => {
    onCall(previewInvitation, aPreview({ organizationStatus: 'paused' }))
    onCall(getMe, invited())
    open().unmount()
    location.hash = TOKEN
    onCall(previewInvitation, aPreview())
    onCall(acceptInvitation, () => aProblem(403, 'invitations.organization_not_active'))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Join' }))
    await heading('Nobody can join this organization now')
  })

  test('taken back in the meantime is looked at again', async () => {
    let status: 'pending' | 'revoked' = 'pending'
    onCall(previewInvitation, () => aPreview({ status }))
    onCall(getMe, invited())
    onCall(acceptInvitation, () => {
      status = 'revoked'
      return aProblem(409, 'invitations.revoked')
    })
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Join' }))
    await heading('This invitation was taken back')
  })
})
