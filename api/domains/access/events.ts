import { z } from 'zod'
import { event } from '#api/core/events.ts'

/** Clerk told us something new of a person we know. */
export const userSynced = event('user.synced', z.object({ userId: z.uuid() }))
