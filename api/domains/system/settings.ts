import { z } from 'zod'

type Definition = {
  unit: 'seconds' | 'calls' | 'minutes'
  description: string
  minimum: number
  maximum: number
  /** What counts until somebody says otherwise. */
  default: number
}

/** Every setting of the platform: what it means and what it may be. */
export const definitions = {
  slice_seconds: {
    unit: 'seconds',
    description: 'How much of a call is paid ahead at a time.',
    minimum: 10,
    maximum: 600,
    default: 60,
  },
  renew_when_left_seconds: {
    unit: 'seconds',
    description: 'With how much paid time left the next part is paid.',
    minimum: 5,
    maximum: 300,
    default: 30,
  },
  minimum_slice_seconds: {
    unit: 'seconds',
    description: 'The shortest part a wallet that runs out may still pay.',
    minimum: 1,
    maximum: 60,
    default: 10,
  },
  platform_max_concurrent_calls: {
    unit: 'calls',
    description: 'How many calls all organizations together may run at once.',
    minimum: 1,
    maximum: 1_000_000,
    default: 1_000,
  },
  outbound_daily_minutes: {
    unit: 'minutes',
    description: 'How long the calls out of one organization may last in all on one day.',
    minimum: 0,
    maximum: 1_000_000,
    default: 2_000,
  },
  live_analysis_max_concurrent: {
    unit: 'calls',
    description: 'How many calls may get live suggestions at once.',
    minimum: 0,
    maximum: 100_000,
    default: 100,
  },
} as const satisfies Record<string, Definition>

export type SettingKey = keyof typeof definitions
export const settingKeys = Object.keys(definitions) as SettingKey[]

export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(definitions, key)

export const schemaOf = (key: SettingKey) =>
  z.int().min(definitions[key].minimum).max(definitions[key].maximum)

type Camel<Text extends string> = Text extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text
export type Settings = { readonly [Key in SettingKey as Camel<Key>]: number }

/** The settings that follow from the values stored now; a stored value that does not fit is an error. */
export function settingsFrom(stored: ReadonlyMap<string, unknown>): Settings {
  const values = settingKeys.map((key) => [camel(key), valueFrom(key, stored)])
  // The names were made from the same keys the type is made from.
  return Object.fromEntries(values) as Settings
}

export const valueFrom = (key: SettingKey, stored: ReadonlyMap<string, unknown>): number =>
  stored.has(key) ? schemaOf(key).parse(stored.get(key)) : definitions[key].default

const camel = (key: string): string =>
  key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
