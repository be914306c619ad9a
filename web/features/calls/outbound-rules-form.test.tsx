import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { changeOutboundRules, getOutboundRules } from '#contracts/calls'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { OutboundRulesForm } from './outbound-rules-form.tsx'

const rules = {
  opensAtMinute: 480,
  closesAtMinute: 1_260,
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  dailyMinutes: null,
  platformDailyMinutes: 2_000,
}

test('narrower rules are sent as minutes and days', async () => {
  onCall(getOutboundRules, rules)
  onCall(changeOutboundRules, { ...rules, opensAtMinute: 570, weekdays: [1, 2, 3, 4, 5, 6] })
  const { user } = renderScreen(<OutboundRulesForm />)
  const opens = (await screen.findByLabelText('From')) as HTMLInputElement
  expect(opens.value).toBe('08:00')
  await user.clear(opens)
  await user.type(opens, '09:30')
  await user.click(screen.getByRole('checkbox', { name: 'Sun' }))
  await user.type(screen.getByLabelText(/^Minutes a day/), '90')
  await user.click(screen.getByRole('button', { name: 'Save rules' }))
  await waitFor(() =>
    expect(requestsTo(changeOutboundRules).map(({ body }) => body)).toEqual([
      { opensAtMinute: 570, closesAtMinute: 1_260, weekdays: [1, 2, 3, 4, 5, 6], dailyMinutes: 90 },
    ]),
  )
})

test('wider than the platform allows, backwards and without a day are not sent', async () => {
  onCall(getOutboundRules, rules)
  const { user } = renderScreen(<OutboundRulesForm />)
  const opens = await screen.findByLabelText('From')
  await user.clear(opens)
  await user.type(opens, '07:00')
  for (const day of screen.getAllByRole('checkbox')) await user.click(day)
  await user.click(screen.getByRole('button', { name: 'Save rules' }))
  expect(await screen.findByText('Between 08:00 and 21:00')).toBeTruthy()
  expect(screen.getByText('Choose a day at least')).toBeTruthy()
  expect(requestsTo(changeOutboundRules)).toEqual([])
})

test('rules that could not be read can be asked for again', async () => {
  onCall(getOutboundRules, () => aProblem(403, 'request.forbidden', 'Not for this role.'))
  const { user } = renderScreen(<OutboundRulesForm />)
  await screen.findByRole('alert')
  onCall(getOutboundRules, rules)
  await user.click(screen.getByRole('button', { name: /again|Retry/i }))
  expect(await screen.findByLabelText('From')).toBeTruthy()
})

test('a later look that fails takes nothing away that was typed', async () => {
  onCall(getOutboundRules, rules)
  const { user, queries } = renderScreen(<OutboundRulesForm />)
  const opens = await screen.findByLabelText<HTMLInputElement>('From')
  await user.clear(opens)
  await user.type(opens, '09:30')
  onCall(getOutboundRules, () => aProblem(403, 'request.forbidden', 'Not for this role.'))
  await queries.refetchQueries()
  expect(requestsTo(getOutboundRules)).toHaveLength(2)
  expect(screen.getByLabelText<HTMLInputElement>('From').value).toBe('09:30')
})
