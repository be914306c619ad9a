import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { asPlatform, readShared } from '#api/core/context.ts'
import * as queries from './queries.ts'
import {
  type SettingKey,
  type Settings,
  settingKeys,
  settingSchemas,
  settingsFrom,
} from './settings.ts'

/** The platform's settings as they are in force now. */
export async function currentSettings(ctx: Context): Promise<Settings> {
  const rows = await readShared(ctx, (db) => queries.effectiveSettings(db, settingKeys, ctx.now()))
  return settingsFrom(new Map(rows.map(({ key, value }) => [key, value])))
}

/** Adds a value that counts from `effectiveFrom`; what counted before stays readable. */
export async function changeSetting<Key extends SettingKey>(
  ctx: Context,
  change: {
    key: Key
    value: z.output<(typeof settingSchemas)[Key]>
    effectiveFrom: Date
    reason: string
  },
): Promise<void> {
  const value: unknown = settingSchemas[change.key].parse(change.value)
  await asPlatform(ctx, (tx) =>
    queries.insertSetting(tx.db, {
      ...change,
      value,
      id: randomUUIDv7(),
      actorId: tx.actor.kind === 'user' ? tx.actor.userId : tx.actor.kind,
      createdAt: tx.now(),
    }),
  )
}
