import { expect, test } from 'vitest'
import { notFound, VendorError } from '#api/core/errors.ts'
import * as calls from '#api/domains/calls/errors.ts'
import { insufficientBalance } from '#api/domains/wallet/errors.ts'
import { Broken, whyEnded, whyRefused } from './broken.ts'

test.each([
  [insufficientBalance(), 'insufficient_funds'],
  [calls.organizationBusy(), 'no_line_free'],
  [calls.platformBusy(), 'no_line_free'],
  [calls.organizationNotActive(), 'organization_not_active'],
  [notFound('agent'), 'agent_gone'],
])('%s is no verdict on the draft', (refusal, reason) => {
  expect(whyRefused(refusal)).toMatchObject({ reason, detail: refusal.message })
})

test('a vendor’s words are kept, as far as they are read', () => {
  const words = 'The voice is gone. '.repeat(100)
  const failure = new VendorError('elevenlabs', 'speak', { status: 400, retryable: false, words })
  const broken = whyRefused(failure)
  expect(broken).toBeInstanceOf(Broken)
  expect(broken).toMatchObject({ reason: 'refused_by_vendor', detail: words.slice(0, 500) })
})

test('what nobody foresaw is passed on', () => {
  const bug = new TypeError('x is undefined')
  expect(whyRefused(bug)).toBe(bug)
})

test('a call that either side ended has a verdict, one that anything else ended has none', () => {
  for (const reason of ['caller_hung_up', 'agent_hung_up', 'max_duration'])
    expect(whyEnded(reason)).toBeUndefined()
  expect(whyEnded('funds_exhausted')).toBe('insufficient_funds')
  expect(whyEnded('agent_start_failed')).toBe('agent_lost')
  expect(whyEnded('operator')).toBe('ended_by_hand')
  expect(whyEnded('owner_lost')).toBe('call_lost')
})
