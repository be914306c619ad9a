/** A stretch of a document that is found and quoted as one. */
export type Passage = { position: number; page: number | null; body: string }
export type Page = { page: number | null; text: string }

const TARGET_CHARACTERS = 1_200 // about 300 tokens: enough to answer from, small enough to be about one thing
const MOST_CHARACTERS = 1_800
const MOST_HEADING = 240
const HEADING = /^(#{1,6}\s+\S|[A-Z0-9][^.!?]{2,80}$)/

/**
 * Cuts pages into passages at paragraphs, and longer paragraphs at sentences. A heading stays with what
 * follows it, and is repeated where its section goes on in the next passage.
 */
export function cutIntoPassages(pages: readonly Page[]): Passage[] {
  const passages: Passage[] = []
  for (const { page, text } of pages) {
    for (const body of cutText(text)) passages.push({ position: passages.length, page, body })
  }
  return passages
}

function cutText(text: string): string[] {
  const made: string[] = []
  let heading = ''
  let isHeadingUsed = true
  let body = ''
  const finish = () => {
    if (!body) return
    made.push(heading ? `${heading}\n${body}` : body)
    isHeadingUsed = true
    body = ''
  }
  for (const paragraph of paragraphsOf(text)) {
    if (isHeading(paragraph)) {
      finish()
      // A chapter's heading right above a section's: both belong to what follows.
      const both = `${heading}\n${paragraph}`
      const areBothKept = !isHeadingUsed && both.length <= MOST_HEADING
      if (!isHeadingUsed && !areBothKept) made.push(heading)
      heading = areBothKept ? both : paragraph
      isHeadingUsed = false
      continue
    }
    for (const piece of piecesOf(paragraph, MOST_CHARACTERS - heading.length)) {
      if (body && body.length + piece.length > TARGET_CHARACTERS) finish()
      body = body ? `${body}\n\n${piece}` : piece
    }
  }
  finish()
  if (!isHeadingUsed) made.push(heading)
  return made
}

const paragraphsOf = (text: string): string[] =>
  text
    .replaceAll('\r\n', '\n')
    .split(/\n\s*\n|\n(?=#{1,6}\s)|(?<=^#{1,6}\s.*)\n/m)
    .map((paragraph) => paragraph.replaceAll(/[^\S\n]+/g, ' ').trim())
    .filter((paragraph) => paragraph.length > 0)

const isHeading = (paragraph: string): boolean =>
  !paragraph.includes('\n') && paragraph.length <= 120 && HEADING.test(paragraph)

/** The paragraph itself, or its sentences gathered up to `most` characters, or cut hard where there are none. */
function piecesOf(paragraph: string, most: number): string[] {
  if (paragraph.length <= most) return [paragraph]
  const pieces: string[] = []
  let piece = ''
  for (const sentence of sentencesOf(paragraph)) {
    for (let rest = sentence; rest; rest = rest.slice(most)) {
      const part = rest.slice(0, most)
      if (piece && piece.length + part.length > most) {
        pieces.push(piece.trim())
        piece = ''
      }
      piece += part
    }
  }
  if (piece.trim()) pieces.push(piece.trim())
  return pieces
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })
const sentencesOf = (text: string): string[] =>
  [...segmenter.segment(text)].map(({ segment }) => segment)
