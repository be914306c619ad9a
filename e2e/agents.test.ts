import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { joinTheatre, signIn, sweep, type Theatre } from './browser.ts'
import { LOOKS, sweepEach } from './steps.ts'

// Each look sweeps every other one of them.
const TABS = [
  'prompt',
  'voice',
  'knowledge',
  'tools',
  'analysis',
  'behaviour',
  'numbers',
  'tests',
] as const

let theatre: Theatre
beforeAll(async () => {
  theatre = await joinTheatre('agents')
})
afterAll(() => theatre?.close())

const firstMessage = (page: Page) => page.getByLabel(/^First message/)
const inSync = (page: Page) => page.getByText('In sync', { exact: true }).waitFor()

async function save(page: Page): Promise<void> {
  await page.keyboard.press('Control+s')
  await page.getByText('There are unsaved changes.').waitFor({ state: 'detached' })
}

async function publish(page: Page, note: string): Promise<void> {
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Note/).fill(note)
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  await inSync(page)
}

/** A caller who waits for certain words of the agent and hangs up. */
async function hears(words: string): Promise<string | undefined> {
  const { sandbox, number } = theatre
  const callSid = await sandbox.dial({
    from: '+15005557031',
    to: number,
    script: [{ hear: words, timeoutMs: 30_000 }, { hangUp: true }],
  })
  return (await sandbox.ended(callSid, 60_000)).script?.why
}

test('an admin creates an agent, writes and publishes it, and takes it away again', async () => {
  const { stack, personOf } = theatre
  const page = await theatre.open()
  await signIn(page, stack.urls.web, personOf('admin'))
  await page.goto(`${stack.urls.web}/agents`)
  await page.getByRole('button', { name: 'Create agent' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Night desk')
  await dialog.getByRole('button', { name: 'Create agent' }).dblclick()
  await page.getByRole('heading', { name: 'Night desk', level: 1 }).waitFor()
  await page.getByText('Before the draft can be published').waitFor()

  await page.getByRole('textbox', { name: 'Prompt' }).fill('You take messages at {{place}}.')
  await save(page)
  await page.getByText('uses the variable place, which is not declared').waitFor()
  await page.getByRole('button', { name: 'Add variable' }).click()
  await page.getByLabel('Name', { exact: true }).fill('place')
  await page.getByLabel(/^Without a value/).fill('Northwind')
  await page.getByRole('tab', { name: 'Voice' }).click()
  // The whole card is its label, which is what the pointer meets.
  await page.getByText('Bart', { exact: true }).click()
  expect(await page.getByRole('radio', { name: 'Bart' }).isChecked()).toBe(true)
  const sample = page.waitForResponse(/\/v1\/voices\/[^/]+\/sample$/)
  await page.getByRole('button', { name: 'Play a sample of Bart' }).click()
  expect((await sample).headers()['content-type']).toBe('audio/mpeg')
  await save(page)
  await publish(page, 'The first words')
  await sweep(page)

  await page.getByRole('tab', { name: 'Tools' }).click()
  await page.getByRole('button', { name: 'Add webhook' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('tab', { name: 'Tools · 3 to fix' }).waitFor()
  await sweep(page)
  await page.getByRole('link', { name: 'Calls', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Discard' }).click()

  await page.getByRole('button', { name: 'More for this agent' }).click()
  await page.getByRole('menuitem', { name: 'Archive' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click()
  await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Night desk' }).waitFor({ state: 'detached' })
  await page.context().close()
})

test('callers hear what was published, and the old words after it is taken back', async () => {
  const { stack, personOf, seed } = theatre
  const page = await theatre.open()
  await signIn(page, stack.urls.web, personOf('admin'))
  await page.goto(`${stack.urls.web}/agents/${seed.organizations[0]?.agentId}`)
  await firstMessage(page).fill('The clinic is closed today, please call tomorrow.')
  await save(page)
  await publish(page, 'Closed today')
  expect(await hears('closed today')).toBeUndefined()

  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText('Closed today').waitFor()
  await page.getByRole('button', { name: 'Compare version 2' }).click()
  await page.getByRole('dialog').getByText('The clinic is closed today').waitFor()
  await sweep(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Restore version 1' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Publish again' }).click()
  await page.getByText('again version 1').waitFor()
  await inSync(page)
  expect(await hears('can I')).toBeUndefined()
  await page.context().close()
})

test('two tabs that change the same draft choose what goes on', async () => {
  const { stack, personOf, seed } = theatre
  const address = `${stack.urls.web}/agents/${seed.organizations[0]?.agentId}`
  const one = await theatre.open()
  await signIn(one, stack.urls.web, personOf('admin'))
  await one.goto(address)
  await firstMessage(one).waitFor()
  const other = await one.context().newPage()
  await other.goto(`${address}?tab=behaviour`)
  await other.getByLabel('Temperature').fill('0.3')
  await firstMessage(one).fill('Mine: how can I help?')
  await save(other)

  await one.keyboard.press('Control+s')
  const dialog = one.getByRole('dialog')
  await dialog.getByRole('radio', { name: 'Both' }).waitFor()
  await sweep(one)
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await save(one)
  await other.reload()
  expect(await other.getByLabel('Temperature').inputValue()).toBe('0.3')
  await other.getByRole('tab', { name: 'Prompt' }).click()
  expect(await firstMessage(other).inputValue()).toBe('Mine: how can I help?')
  await one.context().close()
})

test('a draft that fails its test cannot be published; one that passes it can', async () => {
  const { stack, personOf, seed } = theatre
  const page = await theatre.open()
  await signIn(page, stack.urls.web, personOf('admin'))
  await page.goto(`${stack.urls.web}/agents/${seed.organizations[0]?.agentId}`)
  await page.getByRole('button', { name: 'More for this agent' }).click()
  await page.getByRole('menuitem', { name: 'Duplicate' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Tested desk')
  await dialog.getByRole('button', { name: 'Duplicate' }).click()
  await page.getByRole('heading', { name: 'Tested desk', level: 1 }).waitFor()
  await firstMessage(page).fill('The clinic is closed today.')
  await save(page)

  await page.getByRole('tab', { name: 'Tests' }).click()
  await page.getByRole('switch', { name: 'Publish only when all tests pass' }).click()
  await page.getByRole('button', { name: 'New test' }).click()
  await dialog.getByLabel('Name').fill('Open today')
  const kind = (step: number) => dialog.getByLabel(`What happens in step ${step}`)
  await kind(1).selectOption('Caller hangs up')
  await dialog.getByLabel('Phrases').fill('open today')
  await dialog.getByLabel('Within, milliseconds').fill('5000')
  await dialog.getByRole('button', { name: 'Save test' }).click()
  await dialog.getByText('It stands behind the end of the call').waitFor()
  await sweep(page)
  await kind(1).focus()
  await page.keyboard.press('Alt+ArrowDown')
  await dialog.getByRole('button', { name: 'Save test' }).click()
  await page.getByRole('button', { name: 'Run all' }).click()
  await page.getByText('Failed', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Open today', exact: true }).click()
  await page.getByText('The words were not said.').waitFor()
  await page.getByText('The clinic is closed today.').waitFor()
  await sweep(page)

  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await dialog.getByText('One test has not passed on this draft').waitFor()
  expect(await dialog.getByRole('button', { name: 'Publish', exact: true }).isDisabled()).toBe(true)
  await sweep(page)
  await page.keyboard.press('Escape')

  await page.getByRole('tab', { name: 'Prompt' }).click()
  await firstMessage(page).fill('The clinic is open today.')
  await page.getByRole('tab', { name: 'Tests' }).click()
  await page.getByRole('button', { name: 'Run Open today' }).click()
  await dialog.getByRole('button', { name: 'Save and run' }).click()
  await page.getByRole('region', { name: 'Run', exact: true }).getByText('Passed').first().waitFor()
  await publish(page, 'Passed its test')
  await page.getByText('Version 1', { exact: true }).first().waitFor()
  await page
    .getByRole('link', { name: /^Listen at / })
    .first()
    .click()
  await page.waitForURL(/\/calls\/[^/]+\?t=\d+$/)
  await page.getByText('The clinic is open today.').first().waitFor()
  await page.context().close()
})

for (const [place, [look, options]] of LOOKS.entries()) {
  test(`a manager reads the agents without a control, in ${look}`, async () => {
    const { stack, personOf, seed } = theatre
    const page = await theatre.open(options)
    await signIn(page, stack.urls.web, personOf('org_manager'))
    const agent = `${stack.urls.web}/agents/${seed.organizations[0]?.agentId}`
    const tabs = TABS.filter((_, each) => each % LOOKS.length === place)
    await sweepEach(page, [`${stack.urls.web}/agents`, ...tabs.map((tab) => `${agent}?tab=${tab}`)])
    await page.goto(`${agent}?tab=history`)
    await page.getByRole('button', { name: 'Compare version 1' }).waitFor()
    for (const name of ['Publish', 'More for this agent', /^Restore/])
      expect(await page.getByRole('button', { name }).count()).toBe(0)
    await page.context().close()
  })
}

test('a sales person is told who can', async () => {
  const { stack, personOf } = theatre
  const page = await theatre.open()
  await signIn(page, stack.urls.web, personOf('sales_person'))
  await page.goto(`${stack.urls.web}/agents`)
  await page.getByText('It needs the role Admin or Manager.').waitFor()
  expect(await page.getByRole('link', { name: 'Agents', exact: true }).count()).toBe(0)
  await page.context().close()
})

// Tests refuse requests on purpose; the browser notes those with their addresses.
const isExpected = (complaint: string) => / 409 \(Conflict\).*\/draft\)$/.test(complaint)

test('the console complained about nothing else', () => {
  expect(theatre.complaints.filter((complaint) => !isExpected(complaint))).toEqual([])
})
