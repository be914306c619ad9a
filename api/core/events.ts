import type { z } from 'zod'

/** Something that happened, named in the past tense; its emitter knows no listener. */
export type Event<Data extends z.ZodType> = { name: string; data: Data }

export const event = <Data extends z.ZodType>(name: string, data: Data): Event<Data> => ({
  name,
  data,
})
