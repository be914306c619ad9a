import { afterAll, beforeAll, expect, test } from 'vitest'
import { anAwakeNumber, awakeCountries } from '#api/domains/calls/outbound/testing.ts'
import { updateOrganization } from '#contracts/organizations'
import { formatPhone } from '../web/lib/format/phone.ts'
import { joinTheatre, signIn, sweep, type Theatre } from './browser.ts'
import { sweepAll } from './steps.ts'

let theatre: Theatre
beforeAll(async () => {
  theatre = await joinTheatre('outbound')
  const body = { allowedCountries: awakeCountries }
  await theatre.api(updateOrganization, { body })
})
afterAll(() => theatre?.close())

test('an admin has the agent call somebody, who hears that it is an AI; the call tells all of it', async () => {
  const { sandbox, stack } = theatre
  const to = anAwakeNumber()
  await sandbox.answerAs(to, {
    answers: 'script',
    script: [
      { hear: 'AI assistant calling for', timeoutMs: 20_000 },
      { hear: 'can I', timeoutMs: 20_000 },
      { hangUp: true },
    ],
  })
  const page = await theatre.open()
  await signIn(page, stack.urls.web, theatre.personOf('admin'))
  await page.goto(`${stack.urls.web}/calls`)
  await page.getByRole('button', { name: 'Call a number' }).click()
  const dialog = page.getByRole('dialog', { name: 'Call a number' })
  await dialog.getByLabel('Number to call').fill(to)
  await dialog.getByText('Can be called now').waitFor()
  await dialog.getByText(/a minute/).waitFor()
  await sweep(page)
  await dialog.getByRole('button', { name: 'Call', exact: true }).click()
  await page.waitForURL(/\/calls\/[0-9a-f-]{36}/)
  await page.getByRole('heading', { name: new RegExp(escaped(formatPhone(to))) }).waitFor()
  await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 60_000 })
  await page.getByRole('tab', { name: 'Details' }).click()
  await page.getByText('In writing').waitFor()
  await page.getByText('A person').waitFor()
  await sweep(page)
  await page.context().close()
})

test('a ringing phone is hung up on, and a number that said no is called no more', async () => {
  const { sandbox, stack } = theatre
  const to = anAwakeNumber()
  await sandbox.answerAs(to, { answers: 'no-answer' })
  const page = await theatre.open({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' })
  await signIn(page, stack.urls.web, theatre.personOf('admin'))
  await page.goto(`${stack.urls.web}/calls`)
  const open = page.getByRole('button', { name: 'Call a number' })
  await open.click()
  const dialog = page.getByRole('dialog', { name: 'Call a number' })
  await dialog.getByLabel('Number to call').fill(to)
  await dialog.getByText('Can be called now').waitFor()
  await dialog.getByRole('button', { name: 'Call', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel call' }).click()
  await page.getByText('Ended by hand').first().waitFor()
  await sweep(page)

  await page.goto(`${stack.urls.web}/settings?tab=calling-out`)
  await page.getByRole('button', { name: 'Add numbers' }).click()
  await page.getByRole('dialog').getByLabel('Numbers').fill(to)
  await sweep(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
  await page
    .getByRole('listitem')
    .filter({ hasText: formatPhone(to) })
    .waitFor()

  await page.goto(`${stack.urls.web}/calls`)
  await open.click()
  await dialog.getByLabel('Number to call').fill(to)
  await dialog.getByText('Asked not to be called').waitFor()
  expect(await dialog.getByRole('button', { name: 'Call', exact: true }).isDisabled()).toBe(true)
  await sweep(page)
  await page.context().close()
})

test('rules and lists are in order, light or dark, wide or on a phone', async () => {
  const page = await theatre.open()
  await signIn(page, theatre.stack.urls.web, theatre.personOf('admin'))
  const web = theatre.stack.urls.web
  await sweepAll(page, [`${web}/settings?tab=calling-out`, `${web}/calls`])
  await page.context().close()
})

test('the console complained about nothing', () => {
  expect(theatre.complaints).toEqual([])
})

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
