'use client'
import { Moon, Sun } from 'lucide-react'
import { useTheme } from 'next-themes'
import { useTranslations } from 'use-intl'
import { IconButton } from '../icon-button.tsx'

/** One press between light and dark; "as the system" is a choice in the user menu. */
export function ThemeSwitch() {
  const t = useTranslations('shell')
  const { resolvedTheme, setTheme } = useTheme()
  return (
    <IconButton
      label={t('switchTheme')}
      className="max-sm:hidden"
      onClick={() => setTheme(resolvedTheme === 'dark' ? 'light' : 'dark')}
    >
      <Sun aria-hidden className="size-4 dark:hidden" />
      <Moon aria-hidden className="hidden size-4 dark:block" />
    </IconButton>
  )
}
