/** How the copies that ElevenLabs keeps for us begin, whatever their title. */
export const COPY_PREFIX = 'voxcalls-document:'
const MAX_TITLE = 100 // characters; enough to know it by in ElevenLabs' own console

/** What the name of a document's copy begins with: it is found again by this. */
export const prefixOf = (documentId: string): string => `${COPY_PREFIX}${documentId}`

export const copyName = (documentId: string, title: string): string =>
  `${prefixOf(documentId)} ${title.slice(0, MAX_TITLE).trim()}`

/** Null for a name that is none of ours. */
export const documentIdIn = (name: string): string | null =>
  /^voxcalls-document:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?: |$)/.exec(name)?.[1] ?? null
