// The API's bounds on a list of points.
export const MAX_POINTS = 20
export const MAX_POINT_CHARACTERS = 300

/** What a text area holds as points: a line each, empty ones and bullets left out. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/^\s*[-*•]\s+/, '').trim())
    .filter((line) => line !== '')
