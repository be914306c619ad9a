import { expect, test } from 'vitest'
import { refusalsIn, stalePages } from './docs.ts'

test('a refusal is read from the code with its status and its words, and must not have two', () => {
  const file = (text: string) => ({ path: 'api/domains/wallet/errors.ts', text })
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template that is read here
  const one = "new DomainError('wallet.empty', 402, `Less than ${asked.cents} cents.`)"
  expect(refusalsIn([file(one)])).toEqual([
    { code: 'wallet.empty', status: 402, message: 'Less than <cents> cents.' },
  ])
  expect(() => refusalsIn([file(`${one}\nnew DomainError('wallet.empty', 409, 'x')`)])).toThrow(
    '402 and with 409',
  )
})

test('the generated pages are what the code says', async () => {
  expect(await stalePages()).toEqual([])
})
