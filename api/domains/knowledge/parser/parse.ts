import { convert } from 'html-to-text'
import { getDocumentProxy } from 'unpdf'
import type { Page } from '../passages.ts'
import { MAX_PAGES, MAX_TEXT_BYTES, Unreadable } from './parsed.ts'

/** The text of a document, by page where it has pages. Throws `Unreadable` with the reason. */
export async function parseBytes(mediaType: string, bytes: Buffer): Promise<Page[]> {
  const pages = await pagesOf(mediaType, bytes)
  const sizes = pages.map(({ text }) => Buffer.byteLength(text))
  if (sizes.reduce((sum, size) => sum + size, 0) > MAX_TEXT_BYTES)
    throw new Unreadable('too_much_text')
  if (!pages.some(({ text }) => /[\p{L}\p{N}]/u.test(text))) throw new Unreadable('no_text')
  return pages
}

async function pagesOf(mediaType: string, bytes: Buffer): Promise<Page[]> {
  switch (mediaType) {
    case 'application/pdf':
      return pdfPages(bytes)
    case 'text/html':
      return [{ page: null, text: textOfHtml(utf8(bytes)) }]
    case 'text/plain':
    case 'text/markdown':
      return [{ page: null, text: utf8(bytes) }]
    default:
      throw new Unreadable('wrong_type')
  }
}

function utf8(bytes: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // Postgres stores no NUL, and a text with one is no text.
    if (text.includes('\0')) throw new Unreadable('not_utf8')
    return text
  } catch (error) {
    if (error instanceof TypeError) throw new Unreadable('not_utf8')
    throw error
  }
}

async function pdfPages(bytes: Buffer): Promise<Page[]> {
  const pdf = await openPdf(bytes)
  if (pdf.numPages > MAX_PAGES) throw new Unreadable('too_many_pages')
  const pages: Page[] = []
  let sizeBytes = 0
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number)
    const { items } = await page.getTextContent()
    const text = items
      .map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''))
      .join('')
      .replaceAll('\0', '')
      .toWellFormed()
    sizeBytes += Buffer.byteLength(text)
    if (sizeBytes > MAX_TEXT_BYTES) throw new Unreadable('too_much_text')
    pages.push({ page: number, text })
    page.cleanup()
  }
  return pages
}

async function openPdf(bytes: Buffer) {
  try {
    return await getDocumentProxy(new Uint8Array(bytes), {
      disableFontFace: true,
      useSystemFonts: false,
      verbosity: 0,
    })
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException'
    throw new Unreadable(isLocked ? 'encrypted' : 'damaged')
  }
}

const textOfHtml = (html: string): string =>
  convert(html, {
    wordwrap: false,
    limits: { maxInputLength: MAX_TEXT_BYTES, maxDepth: 200, maxChildNodes: 20_000 },
    baseElements: { selectors: ['main', 'article', 'body'], returnDomByDefault: true },
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'nav', format: 'skip' },
      { selector: 'footer', format: 'skip' },
      { selector: 'form', format: 'skip' },
      ...['h1', 'h2', 'h3'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  })
