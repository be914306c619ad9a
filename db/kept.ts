import type { Db } from './client.ts'

const keepsakes = new WeakMap<object, WeakMap<object, unknown>>()

/**
 * What `maker` makes for a handle, made once and kept as long as the handle: prepared statements, which cost more to
 * build than to send. Worth it on the handles for reads, which outlive a transaction.
 */
export function keptFor<Kept>(db: Db, maker: (db: Db) => Kept): Kept {
  const kept = keepsakes.get(maker) ?? new WeakMap<object, unknown>()
  keepsakes.set(maker, kept)
  const known = kept.get(db) ?? maker(db)
  kept.set(db, known)
  // Under this maker lies only what it made.
  return known as Kept
}
