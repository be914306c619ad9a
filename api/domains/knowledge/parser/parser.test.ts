import { expect, test } from 'vitest'
import * as corpus from './corpus-testing.ts'
import { MAX_PAGES } from './parsed.ts'
import { parseDocument } from './run.ts'

const read = (mediaType: string, content: string | Uint8Array) =>
  parseDocument(mediaType, Buffer.from(content))
const refusal = (reason: string) => ({ name: 'Unreadable', reason })

test('text, markdown, a web page and a PDF are read, the PDF by its pages', async () => {
  expect(await read('text/plain', 'We open at eight – always.')).toEqual([
    { page: null, text: 'We open at eight – always.' },
  ])
  expect(await read('text/markdown', '# Opening\nAt eight.')).toEqual([
    { page: null, text: '# Opening\nAt eight.' },
  ])
  const html =
    '<html><head><script>alert(1)</script><style>p{}</style></head><body><nav>Menu</nav><h1>Opening</h1><p>At <b>eight</b>.</p></body></html>'
  const [page] = await read('text/html', html)
  expect(page?.text).toBe('Opening\n\nAt eight.')
  const pdf = await corpus.pdfOf(['Opening hours: eight to six.', 'Refunds take five days.'])
  expect(await read('application/pdf', pdf)).toEqual([
    { page: 1, text: expect.stringContaining('Opening hours: eight to six.') },
    { page: 2, text: expect.stringContaining('Refunds take five days.') },
  ])
})

test.each([
  ['text that is not UTF-8', 'text/plain', Buffer.from([0xff, 0xfe, 0x41]), 'not_utf8'],
  ['text with a NUL in it', 'text/plain', 'a\0b', 'not_utf8'],
  ['nothing but white space', 'text/plain', ' \n\t ', 'no_text'],
  ['nothing at all', 'text/plain', '', 'no_text'],
  ['a PDF that is none', 'application/pdf', 'hello', 'damaged'],
  ['more text than is kept', 'text/plain', 'word '.repeat(450_000), 'too_much_text'],
  ['a type nobody reads', 'application/zip', 'PK', 'wrong_type'],
])('%s is refused: %s', async (_what, type, content, reason) => {
  await expect(read(type, content)).rejects.toMatchObject(refusal(reason))
})

test('a PDF cut short, locked or without text is refused with its reason', async () => {
  const pdf = await corpus.pdfOf(['Some text that is long enough to be cut.'])
  await expect(read('application/pdf', pdf.subarray(0, 60))).rejects.toMatchObject(
    refusal('damaged'),
  )
  const locked = await corpus.pdfOf(['Secret'], {
    userPassword: 'opensesame',
    ownerPassword: 'other',
  })
  await expect(read('application/pdf', locked)).rejects.toMatchObject(refusal('encrypted'))
  await expect(read('application/pdf', await corpus.pdfOf(['']))).rejects.toMatchObject(
    refusal('no_text'),
  )
})

test('a PDF with more pages than are read is refused before it is read', async () => {
  const pdf = await corpus.pdfOf(Array(MAX_PAGES + 1).fill('page'))
  await expect(read('application/pdf', pdf)).rejects.toMatchObject(refusal('too_many_pages'))
})

test('a document that takes all the time or memory it can get ends as a refusal, and the next is read', async () => {
  await expect(
    parseDocument('text/plain', Buffer.from('slow'), { wallMs: 1 }),
  ).rejects.toMatchObject(refusal('too_slow'))
  const bomb = Buffer.from('<div>'.repeat(380_000))
  await expect(parseDocument('text/html', bomb, { wallMs: 3_000 })).rejects.toMatchObject({
    name: 'Unreadable',
  })
  expect(await read('text/plain', 'Still here.')).toHaveLength(1)
})

test.each([
  ['a PDF that unpacks to far more than is allowed', corpus.bomb],
  ['one that does so in two layers', corpus.bombInABomb],
  ['one whose pages go round in a circle', corpus.pagesInACircle],
  ['one of lists in lists without end', corpus.deepLists],
])(
  '%s is refused',
  async (_what, make) => {
    const bytes = make()
    expect(bytes.length).toBeLessThan(2 * 2 ** 20)
    await expect(read('application/pdf', bytes)).rejects.toMatchObject({ name: 'Unreadable' })
  },
  60_000,
)

test('a PDF with a program in it is read and the program is not run', async () => {
  const [page] = await read('application/pdf', corpus.withProgram())
  expect(page?.text).toContain('Nothing but this text.')
})
