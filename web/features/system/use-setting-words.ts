'use client'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { setting } from '#contracts/system'

export type Setting = z.output<typeof setting>

/** A setting in the reader's words; one that has none yet is shown in those of the API, and under its key. */
export function useSettingWords(): (
  setting: Setting,
) => Pick<Setting, 'unit' | 'description'> & { name: string } {
  const t = useTranslations('platform.settings')
  const wordFor = (path: string, otherwise: string) => {
    const known = path as Parameters<typeof t.has>[0]
    return t.has(known) ? t(known as 'list') : otherwise
  }
  return ({ key, unit, description }) => ({
    name: wordFor(`names.${key}`, key),
    description: wordFor(`descriptions.${key}`, description),
    unit: wordFor(`units.${unit}`, unit),
  })
}
