'use client'
import { DoorOpen, Keyboard, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react'
import { useTheme } from 'next-themes'
import { useTranslations } from 'use-intl'
import { type Locale, localeNames, locales } from '../../lib/intl/locales.ts'
import { usePreferences } from '../../lib/use-preferences.tsx'
import { Menu, MenuCheck, MenuItem, MenuLabel, MenuLine, MenuRadios } from '../menu.tsx'

const themes = ['system', 'light', 'dark'] as const
const themeIcons = { system: Monitor, light: Sun, dark: Moon }

export function UserMenu(props: {
  name: string
  email: string
  roleName: string | null
  locale: Locale
  onLocale(locale: Locale): void
  onShortcuts(): void
  onAccount(): void
  /** Absent where there is nothing one could leave. */
  onLeave?: (() => void) | undefined
  onSignOut(): void
}) {
  const t = useTranslations('shell.user')
  const { theme = 'system', setTheme } = useTheme()
  const { preferences, change } = usePreferences()
  const chosenTheme = themes.find((known) => known === theme) ?? 'system'
  return (
    <Menu
      align="end"
      className="w-64"
      trigger={
        <button
          type="button"
          aria-label={t('menu', { name: props.name })}
          className="inline-flex size-7 shrink-0 items-center justify-center rounded-full border border-line bg-ink/6 font-medium text-xs hover:bg-ink/10"
        >
          {initials(props.name || props.email)}
        </button>
      }
    >
      <div className="px-2 py-1.5">
        <p className="truncate font-medium">{props.name || props.email}</p>
        <p className="truncate text-soft text-xs">{props.email}</p>
        {props.roleName && <p className="text-soft text-xs">{props.roleName}</p>}
      </div>
      <MenuLine />
      <MenuItem onSelect={props.onAccount}>
        <UserRound aria-hidden className="size-4 text-soft" />
        {t('account')}
      </MenuItem>
      <MenuItem onSelect={props.onShortcuts}>
        <Keyboard aria-hidden className="size-4 text-soft" />
        <span className="grow">{t('shortcuts')}</span>
        <kbd className="font-sans text-soft text-xs">?</kbd>
      </MenuItem>
      <MenuCheck
        isChecked={preferences.hasSingleKeys}
        onChange={(hasSingleKeys) => change({ hasSingleKeys })}
      >
        {t('singleKeys')}
      </MenuCheck>
      <MenuLine />
      <MenuLabel>{t('theme')}</MenuLabel>
      <MenuRadios
        value={chosenTheme}
        options={themes.map((value) => {
          const Icon = themeIcons[value]
          return {
            value,
            label: t(`themes.${value}`),
            icon: <Icon aria-hidden className="size-4 text-soft" />,
          }
        })}
        onChange={setTheme}
      />
      <MenuLine />
      <MenuLabel>{t('language')}</MenuLabel>
      <MenuRadios
        value={props.locale}
        options={locales.map((value) => ({ value, label: localeNames[value] }))}
        onChange={props.onLocale}
      />
      <MenuLine />
      {props.onLeave && (
        <MenuItem onSelect={props.onLeave}>
          <DoorOpen aria-hidden className="size-4 text-soft" />
          {t('leave')}
        </MenuItem>
      )}
      <MenuItem onSelect={props.onSignOut}>
        <LogOut aria-hidden className="size-4 text-soft" />
        {t('signOut')}
      </MenuItem>
    </Menu>
  )
}

/** The first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.split(/[\s.@_-]+/).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return letters
    .map((word) => word?.[0] ?? '')
    .join('')
    .toUpperCase()
}
