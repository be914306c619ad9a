'use client'
import { useTranslations } from 'use-intl'

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const

/** The keys of a telephone, folded away until somebody needs them. */
export function Keypad({ onPress }: { onPress(digit: string): void }) {
  const t = useTranslations('testCall')
  return (
    <details>
      <summary className="min-h-6 w-fit text-soft">{t('keypad')}</summary>
      <fieldset className="mt-2 grid w-40 grid-cols-3 gap-1.5">
        <legend className="sr-only">{t('keypad')}</legend>
        {keys.map((key) => (
          <button
            key={key}
            type="button"
            aria-label={t('press', { key })}
            onClick={() => onPress(key)}
            className="h-9 rounded-control border border-line bg-panel font-medium tabular-nums hover:bg-ink/4 active:bg-ink/8"
          >
            {key}
          </button>
        ))}
      </fieldset>
    </details>
  )
}
