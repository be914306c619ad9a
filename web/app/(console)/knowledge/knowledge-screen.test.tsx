import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import {
  addPage,
  addText,
  deleteDocument,
  listDocuments,
  MAX_UPLOAD_BYTES,
  retryDocument,
  searchKnowledge,
  uploadDocument,
} from '#contracts/knowledge'
import { aProblem, never, onCall, requestsTo } from '../../../testing/api.ts'
import { aMe, aMember, anId, aPage } from '../../../testing/factories.ts'
import { aDocument, aPassage } from '../../../testing/knowledge-factories.ts'
import { renderScreen } from '../../../testing/screen.tsx'
import { KnowledgeScreen } from './knowledge-screen.tsx'

const answerDocuments = (...documents: ReturnType<typeof aDocument>[]) =>
  onCall(listDocuments, aPage(documents))

const memberWith = (over: object) => {
  const person = aMe()
  return { ...person, membership: person.membership && { ...person.membership, ...over } }
}

const rowOf = async (title: string): Promise<HTMLElement> => {
  const row = (await screen.findByText(title)).closest('tr')
  if (!row) throw new Error(`${title} stands in no row`)
  return row
}

const aFile = (name: string, content = 'Cleanings cost 120 dollars.') =>
  new File([content], name, { type: '' })

const choose = async (...files: File[]) => {
  await screen.findByText('Drop files here')
  fireEvent.change(screen.getByLabelText('Choose files', { selector: 'input' }), {
    target: { files },
  })
}

describe('documents', () => {
  test('stand with type, size, passages and state', async () => {
    answerDocuments(
      aDocument(),
      aDocument({
        id: anId(501),
        title: 'Opening hours',
        kind: 'url',
        mediaType: 'text/html',
        sizeBytes: 0,
        sourceUrl: 'https://northwind.test/hours',
        state: 'rejected',
        reason: 'page_timeout',
      }),
    )
    renderScreen(<KnowledgeScreen />)
    const file = await rowOf('Price list 2026')
    expect(file.textContent).toContain('PDF')
    expect(file.textContent).toContain('482 kB')
    expect(within(file).getByText('34')).toBeTruthy()
    expect(within(file).getByText('Ready')).toBeTruthy()
    const page = await rowOf('Opening hours')
    expect(page.textContent).toContain('Web page')
    expect(page.textContent).toContain('Not read')
    expect(page.textContent).toContain('The page took too long to answer.')
    const link = within(page).getByRole('link', { name: /northwind\.test\/hours/ })
    expect(link.getAttribute('href')).toBe('https://northwind.test/hours')
  })

  test('tell how their copy at ElevenLabs stands, why it is missing, and send it again', async () => {
    answerDocuments(
      aDocument({ id: anId(501), title: 'Held', vendorState: 'in_sync' }),
      aDocument({ id: anId(502), title: 'On its way', vendorState: 'pending' }),
      aDocument({
        id: anId(503),
        title: 'Refused',
        vendorState: 'failed',
        vendorError: '<b>Quota exceeded.</b>',
      }),
      aDocument({ id: anId(504), title: 'Unanswered', vendorState: 'failed' }),
    )
    onCall(retryDocument, aDocument({ id: anId(503), title: 'Refused', vendorState: 'pending' }))
    const { user } = renderScreen(<KnowledgeScreen />)
    expect((await rowOf('Held')).textContent).toContain('Also at ElevenLabs')
    expect((await rowOf('On its way')).textContent).toContain('Sending to ElevenLabs')
    expect((await rowOf('Unanswered')).textContent).toContain('ElevenLabs did not answer.')
    expect((await rowOf('Refused')).textContent).toContain('ElevenLabs: <b>Quota exceeded.</b>')
    await user.click(screen.getByRole('button', { name: 'Send Refused to ElevenLabs again' }))
    await waitFor(() => expect(requestsTo(retryDocument)).toHaveLength(1))
  })

  test('name the agents that use them, to who may see agents as links', async () => {
    const agents = ['Adam', 'Berta', 'Carl'].map((name, n) => ({ id: anId(600 + n), name }))
    answerDocuments(aDocument({ agents }))
    const { unmount } = renderScreen(<KnowledgeScreen />)
    const link = within(await rowOf('Price list 2026')).getByRole('link', { name: 'Adam' })
    expect(link.getAttribute('href')).toBe(`/agents/${anId(600)}`)
    expect(screen.getByText('and one more')).toBeTruthy()
    unmount()
    renderScreen(<KnowledgeScreen />, { me: aMember('sales_person') })
    const row = await rowOf('Price list 2026')
    expect(within(row).getByText('Adam')).toBeTruthy()
    expect(within(row).queryByRole('link')).toBeNull()
  })

  test('a reason nobody foresaw is shown as it is', async () => {
    answerDocuments(aDocument({ state: 'rejected', reason: 'sunspots' }))
    renderScreen(<KnowledgeScreen />)
    expect(await screen.findByText('Reason: sunspots')).toBeTruthy()
  })

  test('are asked for again while one is being read, until none is', async () => {
    let asked = 0
    onCall(listDocuments, () => {
      asked += 1
      return aPage([aDocument({ state: asked < 2 ? 'parsing' : 'ready' })])
    })
    renderScreen(<KnowledgeScreen />)
    expect(await screen.findByText('Reading')).toBeTruthy()
    expect(await screen.findByText('Ready')).toBeTruthy()
    expect(asked).toBe(2)
  })

  test('search and state narrow the list and stand in the address', async () => {
    answerDocuments(aDocument())
    const { user, search } = renderScreen(<KnowledgeScreen />, { search: '?state=ready' })
    await user.type(await screen.findByRole('searchbox', { name: 'Title' }), 'price')
    await waitFor(() => expect(search()).toContain('q=price'))
    await waitFor(() =>
      expect(requestsTo(listDocuments).at(-1)?.query).toMatchObject({
        search: 'price',
        state: 'ready',
      }),
    )
  })

  test('none that match is other news than none at all', async () => {
    answerDocuments()
    const { user, search } = renderScreen(<KnowledgeScreen />, { search: '?q=zz' })
    expect(await screen.findByText('No document matches these filters')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Clear filters' }))
    expect(await screen.findByText('No documents yet')).toBeTruthy()
    expect(search()).not.toContain('q=')
  })

  test('while they load the bones say so; a failure says why and tries again', async () => {
    onCall(listDocuments, never)
    const { unmount } = renderScreen(<KnowledgeScreen />)
    expect(await screen.findByRole('status', { name: 'Loading documents' })).toBeTruthy()
    unmount()
    onCall(listDocuments, () => aProblem(500, 'internal'))
    const { user } = renderScreen(<KnowledgeScreen />)
    expect((await screen.findByRole('alert')).textContent).toContain('req_1')
    answerDocuments(aDocument())
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await rowOf('Price list 2026')).toBeTruthy()
  })

  test('one that was not read is read again', async () => {
    const rejected = aDocument({ state: 'rejected', reason: 'too_slow' })
    answerDocuments(rejected)
    onCall(retryDocument, { ...rejected, state: 'queued', reason: null })
    const { user } = renderScreen(<KnowledgeScreen />)
    await user.click(await screen.findByRole('button', { name: 'Read Price list 2026 again' }))
    await waitFor(() =>
      expect(requestsTo(retryDocument)).toMatchObject([
        { path: `/v1/knowledge/documents/${rejected.id}/retry` },
      ]),
    )
    await waitFor(() => expect(requestsTo(listDocuments)).toHaveLength(2))
  })

  test('a refused second reading says why above the list', async () => {
    answerDocuments(aDocument({ state: 'rejected', reason: 'damaged' }))
    onCall(retryDocument, () =>
      aProblem(409, 'knowledge.not_rejected', 'Only a rejected document is read again.'),
    )
    const { user } = renderScreen(<KnowledgeScreen />)
    await user.click(await screen.findByRole('button', { name: /again$/ }))
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('Only a rejected document is read again.')
  })

  test('deleting asks first and waits for the answer', async () => {
    answerDocuments(aDocument())
    onCall(deleteDocument, () => new Response(null, { status: 204 }))
    const { user } = renderScreen(<KnowledgeScreen />)
    await user.click(await screen.findByRole('button', { name: 'Actions for Price list 2026' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Delete' }))
    const dialog = await screen.findByRole('dialog', { name: 'Delete Price list 2026?' })
    expect(requestsTo(deleteDocument)).toHaveLength(0)
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(deleteDocument)).toHaveLength(1)
    await waitFor(() => expect(requestsTo(listDocuments)).toHaveLength(2))
  })
})

describe('files', () => {
  test('go up with their type and a title of their name, and leave when the list has them', async () => {
    answerDocuments()
    onCall(uploadDocument, aDocument({ state: 'queued' }))
    renderScreen(<KnowledgeScreen />)
    await choose(aFile('Price list 2026.md'), aFile('hours.txt'))
    await waitFor(() => expect(requestsTo(uploadDocument)).toHaveLength(2))
    const titles = requestsTo(uploadDocument).map(({ query }) => query.title)
    expect(titles.sort()).toEqual(['Price list 2026', 'hours'])
    expect(requestsTo(uploadDocument)[0]?.body).toBe('Cleanings cost 120 dollars.')
    expect(await screen.findByText('2 files added')).toBeTruthy()
    expect(screen.queryByRole('list', { name: 'Files on their way' })).toBeNull()
  })

  test('that cannot be read are refused before a byte is sent', async () => {
    answerDocuments()
    renderScreen(<KnowledgeScreen />)
    const large = aFile('all.pdf')
    Object.defineProperty(large, 'size', { value: MAX_UPLOAD_BYTES + 1 })
    await choose(aFile('letter.docx'), aFile('nothing.txt', ''), large)
    const list = await screen.findByRole('list', { name: 'Files on their way' })
    expect(list.textContent).toContain('Only PDF, plain text (.txt) and Markdown (.md)')
    expect(list.textContent).toContain('The file is empty.')
    expect(list.textContent).toContain('larger than 20 MB')
    expect(screen.getByText('3 files were not added')).toBeTruthy()
    expect(within(list).queryByRole('button', { name: /again/ })).toBeNull()
    expect(requestsTo(uploadDocument)).toHaveLength(0)
  })

  test('the API refuses keep its words, can be sent again and put away', async () => {
    answerDocuments()
    onCall(uploadDocument, () =>
      aProblem(409, 'knowledge.already_there', 'A document with the same content is there.'),
    )
    const { user } = renderScreen(<KnowledgeScreen />)
    await choose(aFile('hours.txt'))
    expect(await screen.findByText('A document with the same content is there.')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Send hours.txt again' }))
    await waitFor(() => expect(requestsTo(uploadDocument)).toHaveLength(2))
    await user.click(await screen.findByRole('button', { name: 'Put away hours.txt' }))
    expect(screen.queryByRole('list', { name: 'Files on their way' })).toBeNull()
  })

  test('go two at a time; one taken back makes room for the next', async () => {
    answerDocuments()
    onCall(uploadDocument, never)
    const { user } = renderScreen(<KnowledgeScreen />)
    await choose(aFile('a.txt'), aFile('b.txt'), aFile('c.txt'))
    await waitFor(() => expect(requestsTo(uploadDocument)).toHaveLength(2))
    expect(screen.getByText('0 of 3 files added')).toBeTruthy()
    expect(screen.getAllByRole('progressbar')).toHaveLength(3)
    await user.click(screen.getByRole('button', { name: 'Do not add a.txt' }))
    await waitFor(() => expect(requestsTo(uploadDocument)).toHaveLength(3))
    expect(screen.queryByText('a.txt')).toBeNull()
  })

  test('go on while the competitors are looked at', async () => {
    answerDocuments()
    onCall(uploadDocument, never)
    const { user } = renderScreen(<KnowledgeScreen />)
    await choose(aFile('a.txt'))
    await user.click(screen.getByRole('tab', { name: 'Competitors' }))
    await waitFor(() => expect(screen.queryByText('a.txt')).toBeNull())
    await user.click(screen.getByRole('tab', { name: 'Documents' }))
    expect(await screen.findByText('a.txt')).toBeTruthy()
    expect(requestsTo(uploadDocument)).toHaveLength(1)
  })

  test('ask before they are left on their way', async () => {
    answerDocuments()
    onCall(uploadDocument, never)
    const { user } = renderScreen(
      <>
        <a href="/calls">Calls</a>
        <KnowledgeScreen />
      </>,
    )
    await choose(aFile('a.txt'))
    await screen.findByText('0 of one file added')
    await user.click(screen.getByRole('link', { name: 'Calls' }))
    const dialog = await screen.findByRole('dialog', { name: 'Leave while files are being sent?' })
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }))
    expect(await screen.findByText('a.txt')).toBeTruthy()
  })

  test('dropped on their place are taken, folders are not', async () => {
    answerDocuments()
    onCall(uploadDocument, aDocument({ state: 'queued' }))
    renderScreen(<KnowledgeScreen />)
    const items = [
      { webkitGetAsEntry: () => ({ isDirectory: false }), getAsFile: () => aFile('a.txt') },
      { webkitGetAsEntry: () => ({ isDirectory: true }), getAsFile: () => aFile('folder') },
    ]
    fireEvent.drop(await screen.findByText('Drop files here'), { dataTransfer: { items } })
    await waitFor(() => expect(requestsTo(uploadDocument)).toHaveLength(1))
    expect(screen.queryByText('folder')).toBeNull()
  })
})

describe('texts and pages', () => {
  test('a text needs a title and a text, and is sent as typed', async () => {
    answerDocuments()
    onCall(addText, aDocument({ kind: 'text', title: 'Hours' }))
    const { user } = renderScreen(<KnowledgeScreen />)
    await user.click(await screen.findByRole('button', { name: 'Add text' }))
    const dialog = await screen.findByRole('dialog', { name: 'Add text' })
    await user.click(within(dialog).getByRole('button', { name: 'Add text' }))
    expect(await within(dialog).findAllByText('Fill this in')).toHaveLength(2)
    await user.type(within(dialog).getByLabelText('Title'), 'Hours')
    await user.type(within(dialog).getByLabelText('Text'), 'Open on Sundays.')
    await user.click(within(dialog).getByRole('button', { name: 'Add text' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(addText)).toMatchObject([
      { body: { title: 'Hours', text: 'Open on Sundays.' } },
    ])
  })

  test('a page goes without a title when none was typed; a refused address says why', async () => {
    answerDocuments()
    onCall(addPage, () =>
      aProblem(400, 'knowledge.address_not_allowed', 'Give an address on the public internet.'),
    )
    const { user } = renderScreen(<KnowledgeScreen />)
    await user.click(await screen.findByRole('button', { name: 'Add web page' }))
    const dialog = await screen.findByRole('dialog', { name: 'Add web page' })
    await user.type(within(dialog).getByLabelText('Address'), 'https://10.0.0.1/')
    await user.click(within(dialog).getByRole('button', { name: 'Add page' }))
    const alert = await within(dialog).findByRole('alert')
    expect(alert.textContent).toContain('Give an address on the public internet.')
    expect(requestsTo(addPage).map(({ body }) => body)).toEqual([{ url: 'https://10.0.0.1/' }])
  })
})

describe('questions', () => {
  test('bring up passages with document, page and score, and stand in the address', async () => {
    answerDocuments()
    onCall(searchKnowledge, { items: [aPassage(), aPassage({ position: 4, page: null })] })
    const { user, search } = renderScreen(<KnowledgeScreen />)
    const box = await screen.findByRole('textbox', { name: 'Ask the knowledge base' })
    await user.type(box, 'What does a cleaning cost?{Enter}')
    const passages = await screen.findByRole('list', { name: 'Passages, best first' })
    const [first, second] = within(passages).getAllByRole('listitem')
    expect(first?.textContent).toContain('Price list 2026')
    expect(first?.textContent).toContain('Page 4')
    expect(first?.textContent).toContain('0.83')
    expect(first?.textContent).toContain('A cleaning costs 120 dollars')
    expect(second?.textContent).not.toContain('Page')
    expect(requestsTo(searchKnowledge)).toMatchObject([
      { body: { query: 'What does a cleaning cost?', limit: 8 } },
    ])
    expect(search()).toContain('ask=What')
  })

  test('a long passage is folded until it is asked for', async () => {
    answerDocuments()
    onCall(searchKnowledge, { items: [aPassage({ text: 'word '.repeat(200) })] })
    const { user } = renderScreen(<KnowledgeScreen />, { search: '?ask=word' })
    const more = await screen.findByRole('button', { name: 'Show all' })
    expect(more.getAttribute('aria-expanded')).toBe('false')
    await user.click(more)
    const less = screen.getByRole('button', { name: 'Show less' })
    expect(less.getAttribute('aria-expanded')).toBe('true')
  })

  test('nothing found says so; clearing gives the focus back to the question', async () => {
    answerDocuments()
    onCall(searchKnowledge, { items: [] })
    const { user, search } = renderScreen(<KnowledgeScreen />, { search: '?ask=parking' })
    expect(await screen.findByText('No passage fits this question')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Clear' }))
    await waitFor(() => expect(search()).not.toContain('ask='))
    const box = screen.getByRole('textbox', { name: 'Ask the knowledge base' })
    expect(document.activeElement).toBe(box)
    expect((box as HTMLInputElement).value).toBe('')
  })

  test('a failure stands where the passages would', async () => {
    answerDocuments(aDocument())
    onCall(searchKnowledge, () => aProblem(503, 'request.unavailable', 'The service is busy.'))
    renderScreen(<KnowledgeScreen />, { search: '?ask=parking' })
    expect((await screen.findByRole('alert')).textContent).toContain('The service is busy.')
    expect(await rowOf('Price list 2026')).toBeTruthy()
  })
})

describe('who may', () => {
  test('readers see no edit controls', async () => {
    answerDocuments(aDocument({ state: 'rejected', reason: 'damaged' }))
    renderScreen(<KnowledgeScreen />, { me: aMember('sales_person') })
    const row = await rowOf('Price list 2026')
    expect(within(row).getByRole('button', { name: 'Download Price list 2026' })).toBeTruthy()
    for (const name of [/Actions/, /again/, /Add/, /Choose/])
      expect(screen.queryByRole('button', { name })).toBeNull()
    expect(screen.getByRole('textbox', { name: 'Ask the knowledge base' })).toBeTruthy()
  })

  test('a paused organization reads, and every write says why not', async () => {
    answerDocuments(aDocument())
    renderScreen(<KnowledgeScreen />, { me: memberWith({ organizationStatus: 'paused' }) })
    await rowOf('Price list 2026')
    for (const name of ['Choose files', 'Add text', 'Add web page', 'Ask'])
      expect(screen.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true')
    const input = screen.getByLabelText('Choose files', { selector: 'input' })
    expect((input as HTMLInputElement).disabled).toBe(true)
  })

  test('where the platform switched it off, nothing is asked for', async () => {
    renderScreen(<KnowledgeScreen />, { me: memberWith({ featuresOff: ['knowledge'] }) })
    expect(await screen.findByText(/switched off for your organization/)).toBeTruthy()
    expect(requestsTo(listDocuments)).toHaveLength(0)
  })

  test('the platform’s people are refused', async () => {
    renderScreen(<KnowledgeScreen />, {
      me: aMe({ membership: null, platformRole: 'super_admin' }),
    })
    expect(await screen.findByRole('heading', { name: /no access/ })).toBeTruthy()
    expect(requestsTo(listDocuments)).toHaveLength(0)
  })
})
