/** One answer for all who ask within that time, also while it is being found; a failure is not kept. */
export function kept<Asked extends unknown[], T>(
  forMs: number,
  find: (...asked: Asked) => Promise<T>,
): (...asked: Asked) => Promise<T> {
  let answer: { promise: Promise<T>; untilMs: number } | undefined
  return (...asked) => {
    if (answer && performance.now() < answer.untilMs) return answer.promise
    const found: typeof answer = { promise: find(...asked), untilMs: Number.POSITIVE_INFINITY }
    answer = found
    found.promise.then(
      () => {
        found.untilMs = performance.now() + forMs
      },
      () => {
        if (answer === found) answer = undefined
      },
    )
    return found.promise
  }
}
