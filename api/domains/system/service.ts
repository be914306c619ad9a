import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { actorIdOf, asPlatform, readShared } from '#api/core/context.ts'
import { effectiveFromOf } from '#api/core/effective.ts'
import { invalidRequest, notFound } from '#api/core/errors.ts'
import { recordPlatformAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'
import {
  definitions,
  isSettingKey,
  type SettingKey,
  type Settings,
  schemaOf,
  settingKeys,
  settingsFrom,
  valueFrom,
} from './settings.ts'

export { hasFeature, listFlags, listOwnFlags, setFlag } from './flags.ts'

/** The platform's settings as they are in force now. */
export async function currentSettings(ctx: Context): Promise<Settings> {
  const rows = await readShared(ctx, (db) => queries.effectiveSettings(db, settingKeys, ctx.now()))
  return settingsFrom(byKey(rows))
}

/** Every setting with what counts now, what counted before and what is to come. */
export async function listSettings(ctx: Context): Promise<Answer<typeof contract.listSettings>> {
  const { stored, versions } = await asPlatform(ctx, async (tx) => ({
    stored: byKey(await queries.effectiveSettings(tx.db, settingKeys, tx.now())),
    versions: await queries.listVersions(tx.db, settingKeys, MAX_VERSIONS),
  }))
  return { items: settingKeys.map((key) => described(key, stored, versions)) }
}

/** Adds a value that counts from `effectiveFrom` on, by itself; what counted before stays readable. */
export async function changeSetting(
  ctx: Context,
  key: string,
  asked: Received<typeof contract.changeSetting>['body'],
): Promise<z.output<typeof contract.setting>> {
  if (!isSettingKey(key)) throw notFound('setting')
  const { value, reason } = asked
  if (!schemaOf(key).safeParse(value).success) throw outOfBounds(key)
  return asPlatform(ctx, async (tx) => {
    await queries.lockSetting(tx.db, key)
    const effectiveFrom = effectiveFromOf(tx, asked.effectiveFrom)
    const before = byKey(await queries.effectiveSettings(tx.db, [key], effectiveFrom))
    await queries.insertSetting(tx.db, {
      id: randomUUIDv7(),
      key,
      value,
      effectiveFrom,
      reason,
      actorId: actorIdOf(tx.actor),
      createdAt: tx.now(),
    })
    await recordPlatformAudit(tx, {
      action: 'system.change-setting',
      subject: key,
      before: { value: valueFrom(key, before) },
      after: { value, effectiveFrom: effectiveFrom.toISOString(), reason },
    })
    const stored = byKey(await queries.effectiveSettings(tx.db, [key], tx.now()))
    return described(key, stored, await queries.listVersions(tx.db, [key], MAX_VERSIONS))
  })
}

const MAX_VERSIONS = 50 // of one setting, in a list that people read; older ones stay in the audit

const byKey = (rows: readonly { key: string; value: unknown }[]) =>
  new Map(rows.map(({ key, value }) => [key, value]))

const described = (
  key: SettingKey,
  stored: ReadonlyMap<string, unknown>,
  versions: readonly queries.SettingVersion[],
): z.output<typeof contract.setting> => ({
  key,
  ...definitions[key],
  value: valueFrom(key, stored),
  versions: versions
    .filter((version) => version.key === key)
    .map(({ value, ...version }) => ({ ...version, value: schemaOf(key).parse(value) })),
})

function outOfBounds(key: SettingKey) {
  const { minimum, maximum } = definitions[key]
  return invalidRequest(`The setting takes ${minimum} to ${maximum}.`, [
    { path: 'body.value', message: `must be from ${minimum} to ${maximum}` },
  ])
}
