/** What stands where a number was: length and last digits are gone too. */
export const CARD_MASK = '[card number removed]'
export const CODE_MASK = '[security code removed]'
export const IDENTITY_MASK = '[identity number removed]'

const ones = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
const teens = [
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
]
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

/** Between two pieces of one spoken or written number. */
const GAP = /^[\s,.\-–/]{1,3}$/
const CODE_CONTEXT = /(?:\bcvv2?\b|\bcvc2?\b|\bsecurity code\b|\bcard code\b)[^.?!]{0,40}$/i
const IDENTITY_CONTEXT = /(?:\bssn\b|\bsocial security\b)[^.?!]{0,60}$/i

type Piece = { start: number; end: number; digits: string; tens: boolean }
type Run = { start: number; end: number; digits: string; pieces: Piece[] }

/**
 * Removes card numbers (13 to 19 digits that pass Luhn), security codes and social security numbers, written or
 * spoken as words, before anything is stored (THREATS T50).
 */
export function maskNumbers(text: string): string {
  let masked = ''
  let from = 0
  for (const run of runsOfDigits(text)) {
    const found = maskFor(run, text.slice(0, run.start))
    if (!found) continue
    masked += text.slice(from, found.start) + found.mask
    from = found.end
  }
  return masked + text.slice(from)
}

function maskFor(run: Run, before: string): { start: number; end: number; mask: string } | null {
  const card = cardWithin(run)
  if (card) return { ...card, mask: CARD_MASK }
  const whole = { start: run.start, end: run.end }
  if (run.digits.length === 9 && (IDENTITY_CONTEXT.test(before) || isWrittenAsIdentity(run)))
    return { ...whole, mask: IDENTITY_MASK }
  if ((run.digits.length === 3 || run.digits.length === 4) && CODE_CONTEXT.test(before))
    return { ...whole, mask: CODE_MASK }
  return null
}

/** The longest stretch of whole pieces that is a card number: people say other digits right before or after. */
function cardWithin(run: Run): { start: number; end: number } | null {
  for (let length = run.pieces.length; length > 0; length--) {
    for (let i = 0; i + length <= run.pieces.length; i++) {
      const pieces = run.pieces.slice(i, i + length)
      const digits = pieces.map((piece) => piece.digits).join('')
      if (digits.length >= 13 && digits.length <= 19 && passesLuhn(digits))
        return { start: pieces[0]!.start, end: pieces.at(-1)!.end }
    }
  }
  return null
}

const isWrittenAsIdentity = (run: Run): boolean =>
  run.pieces.length === 3 && run.pieces.map((piece) => piece.digits.length).join() === '3,2,4'

export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

function runsOfDigits(text: string): Run[] {
  const runs: Run[] = []
  let open: Run | null = null
  for (const match of text.matchAll(/\d+|[a-z]+/gi)) {
    const read = digitsOf(match[0].toLowerCase())
    if (read === null) {
      open = null
      continue
    }
    const piece: Piece = {
      start: match.index,
      end: match.index + match[0].length,
      digits: read.digits,
      tens: read.tens,
    }
    const joins: boolean = open !== null && GAP.test(text.slice(open.end, piece.start))
    if (open && joins) add(open, piece)
    else {
      open = { start: piece.start, end: piece.end, digits: piece.digits, pieces: [piece] }
      runs.push(open)
    }
  }
  return runs
}

function add(run: Run, piece: Piece): void {
  const last = run.pieces.at(-1)
  // "forty two" is 42, not 40 then 2.
  if (last?.tens && piece.digits.length === 1 && piece.digits !== '0') {
    last.digits = last.digits[0] + piece.digits
    last.end = piece.end
    last.tens = false
  } else run.pieces.push(piece)
  run.end = piece.end
  run.digits = run.pieces.map((one) => one.digits).join('')
}

function digitsOf(token: string): { digits: string; tens: boolean } | null {
  if (/^\d+$/.test(token)) return { digits: token, tens: false }
  if (token === 'oh' || token === 'o') return { digits: '0', tens: false }
  const one = ones.indexOf(token)
  if (one >= 0) return { digits: String(one), tens: false }
  const teen = teens.indexOf(token)
  if (teen >= 0) return { digits: String(10 + teen), tens: false }
  const ten = tens.indexOf(token)
  return ten >= 0 ? { digits: String((ten + 2) * 10), tens: true } : null
}
