import { MAX_UPLOAD_BYTES, type uploadTypes } from '#contracts/knowledge'

export type UploadType = (typeof uploadTypes)[number]

const typeByEnding: Record<string, UploadType> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  markdown: 'text/markdown',
}

const MAX_TITLE_CHARACTERS = 200 // The API's bound.

/** What the browser's picker offers. */
export const acceptedFiles = [
  ...Object.keys(typeByEnding).map((ending) => `.${ending}`),
  ...new Set(Object.values(typeByEnding)),
].join(',')

/** By its ending: browsers do not agree on the type of Markdown, and some give none. */
export const uploadTypeOf = (fileName: string): UploadType | null =>
  typeByEnding[fileName.split('.').at(-1)?.toLowerCase() ?? ''] ?? null

export function titleOfFile(fileName: string): string {
  const stem = fileName.replace(/\.[^.]+$/, '').trim()
  return (stem || fileName).slice(0, MAX_TITLE_CHARACTERS).trim()
}

export type LocalRefusal = 'wrongType' | 'tooLarge' | 'empty'

/** What is known to be refused before a byte is sent. */
export function refusalOf(file: { name: string; size: number }): LocalRefusal | null {
  if (!uploadTypeOf(file.name)) return 'wrongType'
  if (file.size === 0) return 'empty'
  return file.size > MAX_UPLOAD_BYTES ? 'tooLarge' : null
}
