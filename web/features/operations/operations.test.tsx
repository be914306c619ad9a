import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import {
  listFailedJobs,
  listJobQueues,
  listWebhookDeliveries,
  listWebhookRejections,
  replayWebhookDelivery,
  retryAllJobs,
  retryJob,
} from '#contracts/operations'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { anId, aPage } from '../../testing/factories.ts'
import {
  aDelivery,
  aFailedJob,
  aQueue,
  platformManager,
  superAdmin,
} from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { queueTotals, recentRejections } from './health.ts'
import { HealthTiles } from './health-tiles.tsx'
import { JobsScreen } from './jobs-screen.tsx'
import { WebhooksScreen } from './webhooks-screen.tsx'

const asSuperAdmin = { me: superAdmin() }

describe('jobs', () => {
  test('a failed one tells its error and data, and is sent again', async () => {
    onCall(listJobQueues, { items: [aQueue()] })
    onCall(listFailedJobs, aPage([aFailedJob()]))
    onCall(retryJob, { retried: 1 })
    const { user } = renderScreen(<JobsScreen />, asSuperAdmin)
    expect(await screen.findByText('elevenlabs update-agent answered 503')).toBeTruthy()
    expect(screen.getByText(anId(70))).toBeTruthy()
    await user.click(screen.getByRole('button', { name: /^Retry agents.push-agent/ }))
    await waitFor(() => expect(requestsTo(retryJob)).toHaveLength(1))
    await waitFor(() => expect(requestsTo(listFailedJobs).length).toBeGreaterThan(1))
  })

  test('one that cannot be sent again says why where it stands', async () => {
    onCall(listJobQueues, { items: [] })
    onCall(listFailedJobs, aPage([aFailedJob()]))
    onCall(retryJob, () => aProblem(404, 'operations.job_not_found', 'It was retried already.'))
    const { user } = renderScreen(<JobsScreen />, asSuperAdmin)
    await user.click(await screen.findByRole('button', { name: /^Retry agents.push-agent/ }))
    expect((await screen.findByRole('alert')).textContent).toContain('It was retried already.')
  })

  test('a queue that failed leads to its jobs, all of which can be sent again after a question', async () => {
    onCall(listJobQueues, { items: [aQueue({ name: 'agents.push-agent', failed: 2 })] })
    onCall(listFailedJobs, aPage([aFailedJob()]))
    onCall(retryAllJobs, { retried: 2 })
    const { user, search } = renderScreen(<JobsScreen />, asSuperAdmin)
    expect(screen.queryByRole('button', { name: 'Retry all' })).toBeNull()
    await user.click(await screen.findByRole('button', { name: /Show 2 failed jobs/ }))
    await waitFor(() => expect(search()).toBe('?queue=agents.push-agent'))
    await user.click(await screen.findByRole('button', { name: 'Retry all' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.click(dialog.getByRole('button', { name: 'Retry all' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(retryAllJobs)[0]?.body).toEqual({ queue: 'agents.push-agent' })
    expect(requestsTo(listFailedJobs).at(-1)?.query).toEqual({ queue: 'agents.push-agent' })
  })

  test('queues that cannot be read leave the failed jobs standing', async () => {
    onCall(listJobQueues, () => aProblem(500, 'internal'))
    onCall(listFailedJobs, aPage([aFailedJob()]))
    renderScreen(<JobsScreen />, asSuperAdmin)
    expect((await screen.findByRole('alert')).textContent).toContain('queues could not be loaded')
    expect(await screen.findByText('elevenlabs update-agent answered 503')).toBeTruthy()
  })
})

describe('webhooks', () => {
  test('one that was never finished is replayed after a question', async () => {
    onCall(listWebhookDeliveries, aPage([aDelivery()]))
    onCall(replayWebhookDelivery, aDelivery({ attempts: 4 }))
    const { user } = renderScreen(<WebhooksScreen />, asSuperAdmin)
    expect(await screen.findByText('Not finished')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: /^Replay checkout/ }))
    const dialog = within(await screen.findByRole('dialog'))
    expect(requestsTo(replayWebhookDelivery)).toHaveLength(0)
    await user.click(dialog.getByRole('button', { name: 'Replay' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(replayWebhookDelivery)[0]?.body).toEqual({
      vendor: 'stripe',
      deliveryId: 'evt_1',
    })
  })

  test('the filters of the address are asked for', async () => {
    onCall(listWebhookDeliveries, aPage([]))
    renderScreen(<WebhooksScreen />, { ...asSuperAdmin, search: '?vendor=twilio&status=open' })
    expect(await screen.findByText('None match these filters')).toBeTruthy()
    expect(requestsTo(listWebhookDeliveries)[0]?.query).toEqual({
      vendor: 'twilio',
      status: 'open',
    })
  })

  test('those refused at the door say why', async () => {
    const at = '2026-11-20T15:00:00.000Z'
    onCall(
      listWebhookRejections,
      aPage([{ id: anId(500), vendor: 'clerk', reason: 'signature_invalid', bodyBytes: 12, at }]),
    )
    renderScreen(<WebhooksScreen />, { ...asSuperAdmin, search: '?tab=rejected' })
    expect(await screen.findByText('signature invalid')).toBeTruthy()
  })
})

test('a platform manager is refused, and nothing is asked', () => {
  const jobs = renderScreen(<JobsScreen />, { me: platformManager() })
  expect(screen.getByText('It needs the role Super admin.')).toBeTruthy()
  jobs.unmount()
  const webhooks = renderScreen(<WebhooksScreen />, { me: platformManager() })
  expect(screen.getByRole('heading', { name: 'You have no access to this page' })).toBeTruthy()
  webhooks.unmount()
  const { container } = renderScreen(<HealthTiles />, { me: platformManager() })
  expect(container.textContent).toBe('')
  for (const asked of [listJobQueues, listFailedJobs, listWebhookDeliveries])
    expect(requestsTo(asked)).toHaveLength(0)
})

test('the health of operations sums the queues and counts the refusals of a day', () => {
  const queue = (waiting: number, failed: number, oldestWaitingSeconds: number | null) => ({
    name: 'q',
    waiting,
    active: 0,
    failed,
    oldestWaitingSeconds,
  })
  expect(queueTotals([queue(1, 2, 5), queue(3, 0, null), queue(2, 1, 95)])).toEqual({
    waiting: 6,
    failed: 3,
    oldestSeconds: 95,
  })
  expect(queueTotals([]).oldestSeconds).toBeNull()

  const now = new Date('2026-11-20T15:00:00Z')
  const rejection = (at: string) => ({
    id: anId(1),
    vendor: 'clerk' as const,
    reason: 'x',
    bodyBytes: 0,
    at: new Date(at),
  })
  const page = (at: string[]) => ({ items: at.map(rejection), nextCursor: 'more' })
  const today = '2026-11-20T14:00:00Z'
  expect(recentRejections(page([today, today]), now)).toEqual({ count: 2, hasMore: true })
  expect(recentRejections(page([today, '2026-11-19T14:59:00Z']), now)).toEqual({
    count: 1,
    hasMore: false,
  })
})
