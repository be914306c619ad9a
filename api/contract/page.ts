import { z } from 'zod'

export const MAX_PAGE_SIZE = 100 // THREATS T34: larger pages make scraping and slow queries cheap.

/** What a list endpoint takes: an opaque cursor from the page before, and how many rows. */
export const pageQuery = z.strictObject({
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(25),
})

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
