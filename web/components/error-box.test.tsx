import '../testing/dom.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { render, screen } from '@testing-library/react'
import { IntlProvider } from 'use-intl'
import { expect, test } from 'vitest'
import { ApiError } from '../lib/api/api-error.ts'
import { type Locale, locales } from '../lib/intl/locales.ts'
import { loadMessages } from '../lib/intl/messages.ts'
import problems from '../messages/problems.de.json' with { type: 'json' }
import { ErrorBox } from './error-box.tsx'

// What these say is known only to whoever refuses: a sentence by their code would say less.
const saidByTheApi = ['agents.refused_by_vendor', 'request.conflict', 'request.invalid']

test('every refusal there is has its sentence in German', () => {
  const listed = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
  const codes = [...listed.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code = '']) => code)
  expect(codes.length).toBeGreaterThan(100)
  const translated = Object.entries(problems).flatMap(([domain, reasons]) =>
    Object.keys(reasons).map((reason) => `${domain}.${reason}`),
  )
  expect([...translated, ...saidByTheApi].toSorted()).toEqual(codes.toSorted())
})

async function told(locale: Locale, code: string): Promise<string | null> {
  const error = new ApiError({ code, status: 409, detail: 'The sentence of the API.' })
  const { unmount } = render(
    <IntlProvider locale={locale} messages={await loadMessages(locale)} timeZone="UTC">
      <ErrorBox title="" error={error} />
    </IntlProvider>,
  )
  const { textContent } = screen.getByRole('alert')
  unmount()
  return textContent
}

test('a refusal is told in the language of the reader, one without words there as the API says it', async () => {
  expect(await told('de', 'members.last_admin')).toBe(
    'Eine Organisation behält mindestens einen Admin.',
  )
  expect(await told('en', 'members.last_admin')).toBe('The sentence of the API.')
  for (const locale of locales)
    expect(await told(locale, 'agents.refused_by_vendor')).toBe('The sentence of the API.')
})
