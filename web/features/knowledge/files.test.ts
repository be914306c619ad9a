import { expect, test } from 'vitest'
import { MAX_UPLOAD_BYTES } from '#contracts/knowledge'
import { formatSize } from '../../lib/format/size.ts'
import { aDocument } from '../../testing/knowledge-factories.ts'
import { fileNameOf } from './document-type.ts'
import { acceptedFiles, refusalOf, titleOfFile, uploadTypeOf } from './files.ts'

test('a file’s type is told by its ending, in any case', () => {
  expect(uploadTypeOf('Prices.PDF')).toBe('application/pdf')
  expect(uploadTypeOf('a.b.markdown')).toBe('text/markdown')
  expect(uploadTypeOf('notes.txt')).toBe('text/plain')
  for (const name of ['letter.docx', 'pdf.exe', 'README', '']) expect(uploadTypeOf(name)).toBeNull()
})

test('the picker offers endings and types', () => {
  expect(acceptedFiles.split(',')).toEqual(
    expect.arrayContaining(['.pdf', '.md', 'application/pdf', 'text/markdown']),
  )
})

test('a title is the name without its ending, and never empty or too long', () => {
  expect(titleOfFile('Price list 2026.pdf')).toBe('Price list 2026')
  expect(titleOfFile('v1.2 notes.md')).toBe('v1.2 notes')
  expect(titleOfFile('.md')).toBe('.md')
  expect(titleOfFile(`${'x'.repeat(300)}.pdf`)).toHaveLength(200)
})

test('type, emptiness and size are known before anything is sent', () => {
  expect(refusalOf({ name: 'a.docx', size: 10 })).toBe('wrongType')
  expect(refusalOf({ name: 'a.pdf', size: 0 })).toBe('empty')
  expect(refusalOf({ name: 'a.pdf', size: MAX_UPLOAD_BYTES + 1 })).toBe('tooLarge')
  expect(refusalOf({ name: 'a.pdf', size: MAX_UPLOAD_BYTES })).toBeNull()
})

test('an original is kept under its title, with what a disk does not take replaced', () => {
  const wire = aDocument({ title: 'Prices 1/2: spring?', mediaType: 'text/markdown' })
  const document = { ...wire, createdAt: new Date(), updatedAt: new Date() }
  expect(fileNameOf(document)).toBe('Prices 1-2- spring-.md')
  expect(fileNameOf({ ...document, title: 'hours', kind: 'url' })).toBe('hours.html')
})

test('sizes have the unit that reads best', () => {
  expect(formatSize(812, 'en')).toBe('812 bytes')
  expect(formatSize(48_200, 'en')).toBe('48 kB')
  expect(formatSize(3_440_000, 'en')).toBe('3.4 MB')
  expect(formatSize(3_440_000, 'de')).toBe('3,4 MB')
})
