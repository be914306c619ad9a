// From text to comparable words: lower case, no small words, one stem for "cleaning" and "cleanings",
// one concept for the everyday words people use for the same question ("how much", "price", "cost").

const MAX_SENTENCE_CHARACTERS = 600 // about 40 s of speech: nobody listens longer to one answer
const ABBREVIATIONS = /\b(?:Dr|Mr|Mrs|Ms|St|No|Inc|Ltd|Co|vs|e\.g|i\.e|a\.m|p\.m|U\.S|[A-Z])\.$/

const SMALL_WORDS = new Set(
  `a about above after again all also am an and any are as at be because been before being but by can could
  did do does doing done for from get got had has have having he her here hers him his how i if in into is it
  its just kind let like may me might mine more most much my no not now of off on once one only or other our out
  over own please same shall she should so some such tell than that the their them then there these they this
  those through to too under until up us very want was we were what when where which while who whom why
  will with would yes yet you your yours okay ok well hello hi hey know say thing im ill id
  dont doesnt isnt cant wont thats whats theres lets`.split(/\s+/),
)

const CONCEPTS: Record<string, string> = {}
for (const [concept, words] of Object.entries({
  price: 'price cost fee charge rate pay expensive cheap dollar euro',
  hours: 'open close hour opening closing schedule',
  place: 'address location locate situated street find parking',
  booking: 'book booking appointment reserve reservation slot',
  contact: 'phone telephone number email contact',
  cancelling: 'cancel cancellation refund',
  insurance: 'insurance insurer insure cover coverage',
}))
  for (const word of words.split(' ')) CONCEPTS[stem(word)] = concept

/** Concepts a question asks for without naming them. */
const ASKED: [RegExp, string][] = [
  [/\bhow much\b|\bhow expensive\b/, 'price'],
  [/\bwhat time\b|\bwhen (?:are|do|is)\b/, 'hours'],
  [/\bwhere\b/, 'place'],
]

export function termsOf(text: string): string[] {
  const plain = text.toLowerCase().replace(/[’']/g, '')
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? []
  const terms = words.filter((word) => !SMALL_WORDS.has(word)).map((word) => conceptOf(stem(word)))
  return terms
}

export function askedTermsOf(question: string): string[] {
  const plain = question.toLowerCase()
  const implied = ASKED.filter(([pattern]) => pattern.test(plain)).map(([, concept]) => concept)
  return [...new Set([...termsOf(question), ...implied])]
}

function conceptOf(stemmed: string): string {
  return CONCEPTS[stemmed] ?? stemmed
}

/** A small suffix stripper: it needs to be consistent, not linguistically right. */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word
  let base = word
  if (base.endsWith('ies') && base.length > 4) base = `${base.slice(0, -3)}y`
  else if (base.endsWith('es') && /(?:s|x|z|ch|sh)es$/.test(base)) base = base.slice(0, -2)
  else if (base.endsWith('s') && !/(?:ss|us|is)$/.test(base)) base = base.slice(0, -1)
  for (const suffix of ['ingly', 'edly', 'ing', 'ed', 'ly'])
    if (base.endsWith(suffix) && base.length - suffix.length >= 3) {
      base = base.slice(0, -suffix.length)
      break
    }
  if (/([b-df-hj-np-tv-z])\1$/.test(base) && !/(?:ll|ss|zz)$/.test(base)) base = base.slice(0, -1)
  return base.length > 4 && base.endsWith('e') ? base.slice(0, -1) : base
}

export type Sentence = { text: string; heading: string }

/** Sentences of a text with markdown headings kept beside them; bullets and lines end a sentence. */
export function sentencesOf(text: string): Sentence[] {
  const found: Sentence[] = []
  let heading = ''
  for (const line of stripMarkup(text).split(/\r?\n+/)) {
    const title = /^\s*#{1,6}\s+(.*)$/.exec(line)?.[1] ?? /^\s*([^.!?]{1,60}):\s*$/.exec(line)?.[1]
    if (title) {
      heading = title.trim()
      continue
    }
    const plain = line
      .replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '')
      .replace(/[*_`]{1,3}/g, '')
      .trim()
    for (const part of splitLine(plain)) found.push({ text: part, heading })
  }
  return found
}

function splitLine(line: string): string[] {
  const parts: string[] = []
  let held = ''
  for (const piece of line.split(/(?<=[.!?]["')\]]?)\s+/)) {
    held = held ? `${held} ${piece}` : piece
    if (ABBREVIATIONS.test(held)) continue
    if (/[\p{L}\p{N}]/u.test(held)) parts.push(held.slice(0, MAX_SENTENCE_CHARACTERS))
    held = ''
  }
  if (/[\p{L}\p{N}]/u.test(held)) parts.push(held.slice(0, MAX_SENTENCE_CHARACTERS))
  return parts
}

function stripMarkup(text: string): string {
  return text
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<\/(?:p|li|h\d|div|tr)>|<br\s*\/?>/gi, '\n')
    .replace(/<[a-z/!][^>]*>/gi, ' ')
}
