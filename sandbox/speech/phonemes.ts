// English letters to rough phonemes, for the built-in voice. One character a phoneme.

/** [ms, voiced 0..1, noise 0..1, first, second and third formant in Hz] */
export type Phoneme = readonly [number, number, number, number, number, number]

export const phonemeTable: Readonly<Record<string, Phoneme>> = {
  a: [120, 1, 0, 730, 1090, 2440],
  e: [100, 1, 0, 530, 1840, 2480],
  i: [95, 1, 0, 390, 1990, 2550],
  o: [120, 1, 0, 570, 840, 2410],
  u: [100, 1, 0, 640, 1190, 2390],
  I: [130, 1, 0, 270, 2290, 3010],
  U: [130, 1, 0, 300, 870, 2240],
  A: [140, 1, 0, 480, 1920, 2520],
  O: [140, 1, 0, 450, 900, 2300],
  W: [150, 1, 0, 700, 1030, 2400],
  Y: [150, 1, 0, 660, 1600, 2450],
  R: [110, 1, 0, 490, 1350, 1690],
  l: [70, 0.8, 0, 360, 1300, 2700],
  m: [75, 0.6, 0, 280, 900, 2200],
  n: [70, 0.6, 0, 280, 1700, 2600],
  N: [80, 0.6, 0, 280, 2000, 2700],
  r: [70, 0.8, 0, 420, 1300, 1600],
  w: [65, 0.8, 0, 300, 700, 2200],
  y: [60, 0.8, 0, 280, 2200, 2900],
  s: [100, 0, 0.5, 300, 3300, 3700],
  S: [100, 0, 0.6, 300, 2200, 3000],
  f: [85, 0, 0.25, 300, 1500, 3400],
  T: [85, 0, 0.2, 300, 1700, 3300],
  h: [60, 0, 0.3, 500, 1500, 2500],
  z: [80, 0.5, 0.35, 300, 3300, 3700],
  v: [65, 0.6, 0.15, 300, 1500, 3000],
  D: [60, 0.6, 0.1, 300, 1600, 2800],
  p: [75, 0, 0.35, 400, 900, 2200],
  t: [75, 0, 0.5, 400, 2600, 3500],
  k: [80, 0, 0.45, 400, 1900, 2600],
  b: [65, 0.5, 0.1, 250, 900, 2200],
  d: [65, 0.5, 0.2, 250, 1800, 2700],
  g: [70, 0.5, 0.15, 250, 1900, 2500],
  C: [95, 0, 0.6, 300, 2300, 3100],
  J: [85, 0.5, 0.4, 300, 2200, 3000],
}

const LETTERS: readonly (readonly [RegExp, string])[] = [
  [/^tion/, 'SuN'],
  [/^igh/, 'Y'],
  [/^(ee|ea|ie)/, 'I'],
  [/^(oo|ou(?=ld))/, 'U'],
  [/^(ou|ow)/, 'W'],
  [/^(ai|ay|ei|ey)/, 'A'],
  [/^(oa|oe)/, 'O'],
  [/^(er|ir|ur)/, 'R'],
  [/^th/, 'D'],
  [/^sh/, 'S'],
  [/^ch/, 'C'],
  [/^ck/, 'k'],
  [/^ph/, 'f'],
  [/^wh/, 'w'],
  [/^ng/, 'N'],
  [/^qu/, 'kw'],
  [/^kn/, 'n'],
  [/^x/, 'ks'],
  [/^c(?=[eiy])/, 's'],
  [/^c/, 'k'],
  [/^g(?=[ei])/, 'J'],
  [/^j/, 'J'],
  [/^q/, 'k'],
  [/^y$/, 'I'],
  [/^e$/, ''],
]
const DIGITS = ['zIrO', 'wun', 'tU', 'TrI', 'fOr', 'fYv', 'siks', 'sevun', 'At', 'nYn']
const UNKNOWN_WORD = 'u' // so that a word in another script is still heard as one

export function phonemesOf(word: string): string {
  let rest = word
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]/g, ' ')
    .replace(/([a-z])\1/g, (pair, letter: string) => ('eo'.includes(letter) ? pair : letter))
  let out = ''
  while (rest) {
    const [sound, length] = next(rest)
    out += sound
    rest = rest.slice(length)
  }
  return out.trim() ? out : UNKNOWN_WORD
}

function next(rest: string): [sound: string, length: number] {
  const first = rest[0]!
  if (/\d/.test(first)) return [`${DIGITS[Number(first)]} `, 1]
  for (const [letters, sound] of LETTERS) {
    const found = letters.exec(rest)
    if (found) return [sound, found[0].length]
  }
  return [first, 1]
}
