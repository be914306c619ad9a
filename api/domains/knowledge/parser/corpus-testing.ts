import { deflateSync } from 'node:zlib'
import PDFDocument from 'pdfkit'

/** A real PDF, a page for each text. */
export async function pdfOf(
  pages: readonly string[],
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Buffer> {
  const document = new PDFDocument({ autoFirstPage: false, ...options })
  const parts: Buffer[] = []
  document.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise((resolve) => document.once('end', resolve))
  for (const text of pages) document.addPage().text(text)
  document.end()
  await ended
  return Buffer.concat(parts)
}

/** A PDF written by hand, its objects as they are given, the first being the catalog. */
export function rawPdf(objects: readonly (string | Buffer)[]): Buffer {
  const parts = objects.flatMap((object, n) => [`${n + 1} 0 obj`, object, '\nendobj\n'])
  const all = ['%PDF-1.4\n', ...parts, 'trailer<</Root 1 0 R>>\n%%EOF']
  return Buffer.concat(all.map((part) => Buffer.from(part)))
}

const CATALOG = '<</Type/Catalog/Pages 2 0 R>>'
const onePage = (more: string) => [
  CATALOG,
  '<</Type/Pages/Kids[3 0 R]/Count 1>>',
  `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>${more}>>`,
]
const FONT = '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>'

function packed(content: Buffer, filters: string): Buffer {
  const head = `<</Length ${content.length}/Filter${filters}>>stream\n`
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\nendstream')])
}

/** Four hundred megabytes of drawing orders in half a megabyte. */
export function bomb(): Buffer {
  const drawing = deflateSync(Buffer.alloc(400 * 2 ** 20, '(a) Tj '))
  return rawPdf([...onePage(''), packed(drawing, '/FlateDecode'), FONT])
}

/** The same again, packed once more, as scanners that look one layer deep are fooled. */
export function bombInABomb(): Buffer {
  const drawing = deflateSync(deflateSync(Buffer.alloc(400 * 2 ** 20, '(a) Tj ')))
  return rawPdf([...onePage(''), packed(drawing, '[/FlateDecode/FlateDecode]'), FONT])
}

/** Pages that are their own grandparents. */
export const pagesInACircle = (): Buffer =>
  rawPdf([
    CATALOG,
    '<</Type/Pages/Kids[3 0 R]/Count 400>>',
    '<</Type/Pages/Parent 2 0 R/Kids[2 0 R 3 0 R]/Count 400>>',
  ])

/** Lists in lists in lists: a reader that calls itself for each runs out of stack. */
export const deepLists = (): Buffer =>
  rawPdf([...onePage(`/Annots ${'['.repeat(300_000)}`), '<<>>stream\n\nendstream', FONT])

const SAYING = 'BT /F 9 Tf (Nothing but this text.) Tj ET'

/** Runs a program when it is opened, in a reader that lets it. */
export const withProgram = (): Buffer =>
  rawPdf([
    '<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>',
    ...onePage('').slice(1),
    `<</Length ${SAYING.length}>>stream\n${SAYING}\nendstream`,
    FONT,
  ])
