'use client'
import { Ellipsis, Play } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { ButtonProps } from '../../../components/button.tsx'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { IconButton } from '../../../components/icon-button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../../components/menu.tsx'
import { keepFile } from '../../../lib/api/use-download.ts'
import { classes } from '../../../lib/classes.ts'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'
import { fileOf } from './test-file.ts'
import { type AgentTest, isUnfinished } from './test-types.ts'
import { useTestDesk } from './tests-context.tsx'

/** Tries the draft by one test. */
export function RunButton(
  props: {
    test: AgentTest
    /** In a list on a phone the sign stands alone. */
    isTight?: boolean
    onRun?(): void
  } & Pick<ButtonProps, 'size' | 'kind'>,
) {
  const t = useTranslations('agentTests')
  const { runner } = useTestDesk()
  const { test, isTight, onRun, ...look } = props
  return (
    <GuardedButton
      {...look}
      refusal={runner.refusal ?? (isUnfinished(test.verdict) ? t('unfinished') : null)}
      disabled={runner.isStarting}
      aria-label={t('runNamed', { name: test.name })}
      onClick={() => {
        runner.run([test.id])
        onRun?.()
      }}
    >
      <Play aria-hidden className="size-3.5" />
      <span className={classes(isTight && 'max-sm:sr-only')}>{t('run')}</span>
    </GuardedButton>
  )
}

/** Everything else that is done with a test. */
export function TestActions({ test }: { test: AgentTest }) {
  const t = useTranslations('agentTests')
  const { onTask } = useTestDesk()
  const refusal = useWriteRefusal()
  const isOff = refusal !== null
  const keep = () => {
    const { content, name } = fileOf(test)
    keepFile(content, name)
  }
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t('actionsFor', { name: test.name })}>
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      {refusal && (
        <>
          <MenuLabel>{refusal}</MenuLabel>
          <MenuLine />
        </>
      )}
      <MenuItem disabled={isOff} onSelect={() => onTask({ what: 'edit', test })}>
        {t('edit')}
      </MenuItem>
      <MenuItem disabled={isOff} onSelect={() => onTask({ what: 'duplicate', test })}>
        {t('duplicate')}
      </MenuItem>
      <MenuItem onSelect={keep}>{t('download')}</MenuItem>
      <MenuLine />
      <MenuItem disabled={isOff} onSelect={() => onTask({ what: 'delete', test })}>
        {t('delete')}
      </MenuItem>
    </Menu>
  )
}
