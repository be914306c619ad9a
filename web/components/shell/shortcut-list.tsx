'use client'
import { useTranslations } from 'use-intl'
import { Dialog } from '../dialog.tsx'

const groups = {
  lists: { next: 'J', previous: 'K', open: 'Enter', close: 'Esc', search: '/' },
  player: {
    play: 'K, Space',
    forward: 'L',
    back: 'J',
    step: '← →',
    turn: ', .',
    speed: '< >',
  },
  anywhere: { goCalls: 'G C', goLive: 'G L', help: '?' },
} as const

export function ShortcutList(props: { isOpen: boolean; onClose(): void }) {
  const t = useTranslations('shortcuts')
  return (
    <Dialog isOpen={props.isOpen} onClose={props.onClose} title={t('title')} hint={t('hint')}>
      {Object.entries(groups).map(([group, keys]) => (
        <section key={group} className="mt-4">
          <h3 className="font-medium text-soft text-xs">{t(`groups.${group as Group}`)}</h3>
          <dl className="mt-1 divide-y divide-line">
            {Object.entries(keys).map(([action, key]) => (
              <div key={action} className="flex justify-between py-1.5">
                <dt>{t(`actions.${action as Action}`)}</dt>
                <dd>
                  <kbd className="font-sans text-soft">{key}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  )
}

type Group = keyof typeof groups
type KeysOf<T> = T extends T ? keyof T : never
type Action = KeysOf<(typeof groups)[Group]>
