/** What `work` comes to, or what `late` says where it takes longer; the work itself goes on unheard. */
export async function inTime<T, Late>(
  work: PromiseLike<T>,
  deadlineMs: number,
  late: () => Late,
): Promise<T | Late> {
  const deadline = Promise.withResolvers<Late>()
  const timer = setTimeout(() => {
    try {
      deadline.resolve(late())
    } catch (error) {
      deadline.reject(error)
    }
  }, deadlineMs)
  try {
    return await Promise.race([work, deadline.promise])
  } finally {
    clearTimeout(timer)
  }
}
