import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { correctCall, type finding, listFindings, startRun } from '#contracts/reconciliation'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMember, anId, aPage } from '../../testing/factories.ts'
import { platformManager, superAdmin } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { ReconciliationScreen } from './reconciliation-screen.tsx'

const aFinding = (over: Partial<z.input<typeof finding>> = {}): z.input<typeof finding> => ({
  id: anId(1),
  organizationId: anId(2),
  organizationName: 'Northwind Dental',
  callId: anId(3),
  kind: 'charged_beyond_carrier',
  cause: 'gateway_lost',
  state: 'open',
  carrierSeconds: 61,
  elevenLabsSeconds: null,
  gatewaySeconds: 65,
  billedSeconds: 65,
  chargedCents: 46,
  vendorCostMicroUsd: null,
  marginCents: null,
  foundAt: '2026-11-20T15:00:00.000Z',
  checkedAt: '2026-11-20T15:00:00.000Z',
  closedAt: null,
  closedBy: null,
  note: null,
  correctedCents: null,
  ...over,
})

const me = superAdmin()

test('the clocks stand side by side; what nobody told is unknown, not nothing', async () => {
  onCall(
    listFindings,
    aPage([
      aFinding(),
      aFinding({ id: anId(4), state: 'corrected', correctedCents: 46, note: 'Line was dead' }),
    ]),
  )
  renderScreen(<ReconciliationScreen />, { me })
  const rows = (await screen.findAllByRole('row')).slice(1)
  const cells = within(rows[0] ?? document.body).getAllByRole('cell')
  const texts = cells.map((cell) => cell.textContent)
  expect(texts.slice(2, 7)).toEqual(['1:01', 'Unknown', '1:05', '1:05', '$0.46'])
  expect(rows[1]?.textContent).toContain('+$0.46')
  expect(rows[1]?.textContent).toContain('Line was dead')
  expect(within(rows[1] ?? document.body).queryByRole('button')).toBeNull()
})

test('giving money back for a call is sent in cents with one key', async () => {
  onCall(listFindings, aPage([aFinding()]))
  onCall(correctCall, { items: [] })
  const { user } = renderScreen(<ReconciliationScreen />, { me })
  await user.click(await screen.findByRole('button', { name: /^Close: Charged for longer/ }))
  const dialog = within(await screen.findByRole('dialog'))
  await user.click(dialog.getByRole('radio', { name: 'Give money back' }))
  await user.type(dialog.getByLabelText('Reason'), 'Line was dead')
  await user.click(dialog.getByRole('button', { name: 'Close finding' }))
  expect(await dialog.findByText('An amount such as 25 or 12.50')).toBeTruthy()
  await user.type(dialog.getByLabelText('Amount'), '0.46')
  await user.click(dialog.getByRole('button', { name: 'Close finding' }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  const [request] = requestsTo(correctCall)
  expect(request?.path).toContain(`${anId(2)}/calls/${anId(3)}`)
  expect(request?.body).toEqual({
    amountCents: 46,
    note: 'Line was dead',
    requestId: request?.idempotencyKey,
  })
})

test('a comparison is asked for after a question', async () => {
  onCall(listFindings, aPage([]))
  onCall(startRun, { settledSince: '2026-11-17T00:00:00.000Z' })
  const { user } = renderScreen(<ReconciliationScreen />, { me })
  await screen.findByText('The clocks agree')
  await user.click(screen.getByRole('button', { name: 'Compare now' }))
  const dialog = within(await screen.findByRole('dialog'))
  await user.click(dialog.getByRole('button', { name: 'Compare now' }))
  await waitFor(() => expect(requestsTo(startRun)[0]?.body).toEqual({ days: 4 }))
})

test('filters of the address are asked for; none found is told apart from none at all', async () => {
  onCall(listFindings, aPage([]))
  renderScreen(<ReconciliationScreen />, { me, search: '?state=open&cause=not_rated' })
  expect(await screen.findByText('No finding matches the filters')).toBeTruthy()
  expect(requestsTo(listFindings)[0]?.query).toEqual({ state: 'open', cause: 'not_rated' })
})

test('waiting and failing are told', async () => {
  onCall(listFindings, never)
  const first = renderScreen(<ReconciliationScreen />, { me })
  expect(await screen.findByRole('status', { name: 'Loading the findings' })).toBeTruthy()
  first.unmount()
  onCall(listFindings, () => aProblem(500, 'internal'))
  renderScreen(<ReconciliationScreen />, { me })
  expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded')
})

test('who may not read the system is refused, and nothing is asked', () => {
  for (const person of [platformManager(), aMember('admin')]) {
    const view = renderScreen(<ReconciliationScreen />, { me: person })
    expect(screen.getByRole('heading', { name: 'You have no access to this page' })).toBeTruthy()
    view.unmount()
  }
  expect(requestsTo(listFindings)).toHaveLength(0)
})
