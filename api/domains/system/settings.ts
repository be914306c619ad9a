import { z } from 'zod'

/** Every setting of the platform: its key, what it may be, and what counts until somebody says otherwise. */
export const settingSchemas = {
  slice_seconds: z.int().min(10).max(600).default(60),
  renew_when_left_seconds: z.int().min(5).max(300).default(30),
  minimum_slice_seconds: z.int().min(1).max(60).default(10),
  platform_max_concurrent_calls: z.int().min(1).max(1_000_000).default(1_000),
  live_analysis_max_concurrent: z.int().min(0).max(100_000).default(100),
}
export type SettingKey = keyof typeof settingSchemas
export const settingKeys = Object.keys(settingSchemas) as SettingKey[]

type Camel<Text extends string> = Text extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text
export type Settings = {
  readonly [Key in SettingKey as Camel<Key>]: z.output<(typeof settingSchemas)[Key]>
}

/** The settings that follow from the values stored now; a stored value that does not fit is an error. */
export function settingsFrom(stored: ReadonlyMap<string, unknown>): Settings {
  const values = settingKeys.map((key) => [camel(key), settingSchemas[key].parse(stored.get(key))])
  // The names were made from the same keys the type is made from.
  return Object.fromEntries(values) as Settings
}

const camel = (key: string): string =>
  key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
