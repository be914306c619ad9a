import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { moment } from './tenancy.ts'

/** What was used of a limit in a window, over all processes. Holds no tenant's data: keys are hashed. */
export const rateWindows = pgTable(
  'rate_windows',
  {
    key: text('key').notNull(),
    windowStart: moment('window_start').notNull(),
    used: integer('used').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.key, t.windowStart] })],
)
