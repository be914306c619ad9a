/** What a `datetime-local` field holds, a moment on the reader's own clock, as the API takes it; undefined where it is empty. */
export const fromLocalMoment = (text: string): string | undefined =>
  text === '' ? undefined : new Date(text).toISOString()

/** Whether a `datetime-local` field holds a moment that is still to come, or nothing. */
export const isToCome = (text: string, now: Date = new Date()): boolean =>
  text === '' || new Date(text).getTime() > now.getTime()
