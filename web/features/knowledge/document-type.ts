import type { KnowledgeDocument } from './documents-tab.tsx'

/** What people call it: a typed text has the media type of a text file, but no file. */
export function typeKeyOf({ kind, mediaType }: Pick<KnowledgeDocument, 'kind' | 'mediaType'>) {
  if (kind === 'url') return 'page'
  if (mediaType === 'application/pdf') return 'pdf'
  return mediaType === 'text/markdown' ? 'markdown' : 'text'
}

const endings = { page: 'html', pdf: 'pdf', markdown: 'md', text: 'txt' } as const

/** What the original is called on the reader's disk. */
export const fileNameOf = (document: KnowledgeDocument): string =>
  `${document.title.replaceAll(/[\\/:*?"<>|]/g, '-')}.${endings[typeKeyOf(document)]}`
