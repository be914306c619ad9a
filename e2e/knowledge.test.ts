import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pdfOf } from '#api/domains/knowledge/parser/corpus-testing.ts'
import { joinTheatre, signIn, sweep, type Theatre } from './browser.ts'
import { sweepAll } from './steps.ts'

const PRICE = 'A cleaning takes forty minutes and costs one hundred and twenty dollars.'
const title = 'price-list'

let theatre: Theatre
let web: string
beforeAll(async () => {
  theatre = await joinTheatre('knowledge')
  web = theatre.stack.urls.web
})
afterAll(() => theatre?.close())

const rowOf = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(name) })

test('an admin uploads a PDF, which is read, answers a question and is deleted', async () => {
  const page = await theatre.open()
  await signIn(page, web, theatre.personOf('admin'))
  await page.goto(`${web}/knowledge`)
  await page.getByText('Drop files here').waitFor()
  await page.getByLabel('Choose files').setInputFiles([
    { name: `${title}.pdf`, mimeType: 'application/pdf', buffer: await pdfOf([PRICE]) },
    {
      name: 'locked.pdf',
      mimeType: 'application/pdf',
      buffer: await pdfOf(['Secret'], { userPassword: 'a', ownerPassword: 'b' }),
    },
    { name: 'fake.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no PDF at all') },
  ])
  await page.getByText(/is not what its type says/).waitFor()
  await rowOf(page, title).getByText('Ready').waitFor()
  await rowOf(page, 'locked').getByText('The file is locked with a password.').waitFor()
  await sweep(page)

  await page
    .getByRole('textbox', { name: 'Ask the knowledge base' })
    .fill('What does a cleaning cost?')
  await page.keyboard.press('Enter')
  await page.getByText(PRICE).waitFor()
  await sweep(page)

  await page.reload()
  await page.getByRole('button', { name: `Actions for ${title}` }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).waitFor()
  await sweep(page)
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText(`${title} deleted`).waitFor()
  await rowOf(page, title).waitFor({ state: 'detached' })
  await page.context().close()
})

test('somebody who sells reads and asks, and sees nothing to change it with', async () => {
  const page = await theatre.open()
  await signIn(page, web, theatre.personOf('sales_person'))
  await page.goto(`${web}/knowledge`)
  await rowOf(page, 'locked').waitFor()
  for (const name of [/^Choose files/, /^Add/, /^Actions for/, /^Read .* again/, /^Delete/])
    expect(await page.getByRole('button', { name }).count(), String(name)).toBe(0)
  await page.context().close()
})

test('knowledge is readable by everybody, light or dark, wide or on a phone', async () => {
  const page = await theatre.open()
  await signIn(page, web, theatre.personOf('admin'))
  await sweepAll(page, [`${web}/knowledge`, `${web}/knowledge?tab=competitors`])
  await page.goto(`${web}/knowledge`)
  await page.getByText('locked').first().waitFor()
  await page.context().close()
})

test('the console complained about nothing but the refused file', () => {
  const others = theatre.complaints.filter((complaint) => !complaint.includes('status of 400'))
  expect(others).toEqual([])
})
