'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field } from '../../components/field.tsx'
import { Select } from '../../components/select.tsx'
import type { AgentDetail } from './agent-types.ts'
import { Differences, type Side } from './differences.tsx'

const MOST_OFFERED = 100 // Newest versions to choose from; older ones are opened from their own row.

/** What became of the agent between two versions, or between one and the draft. */
export function CompareDialog(props: { agent: AgentDetail; number: number; onClose(): void }) {
  const t = useTranslations('agents.history')
  const { agent, number, onClose } = props
  const [from, setFrom] = useState(number > 1 ? `${number - 1}` : `${number}`)
  const [to, setTo] = useState(number > 1 ? `${number}` : 'draft')
  const options = offered(agent.publishedVersion ?? number, number).map((each) => ({
    value: `${each}`,
    label: t('version', { number: each }),
  }))
  const withDraft = [{ value: 'draft', label: t('draft') }, ...options]
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('comparison')}
      isWide
      actions={<Button onClick={onClose}>{t('close')}</Button>}
    >
      <div className="mt-4 space-y-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t('from')}>
            {(given) => (
              <Select
                {...given}
                value={from}
                onChange={(event) => setFrom(event.target.value)}
                options={options}
              />
            )}
          </Field>
          <Field label={t('to')}>
            {(given) => (
              <Select
                {...given}
                value={to}
                onChange={(event) => setTo(event.target.value)}
                options={withDraft}
              />
            )}
          </Field>
        </div>
        <Differences agentId={agent.id} from={sideOf(from)} to={sideOf(to)} />
      </div>
    </Dialog>
  )
}

const sideOf = (value: string): Side => (value === 'draft' ? 'draft' : Number(value))

/** The newest versions, and the one that was asked about wherever it is. */
function offered(newest: number, wanted: number): number[] {
  const count = Math.min(newest, MOST_OFFERED)
  const numbers = Array.from({ length: count }, (_, place) => newest - place)
  const others = [wanted, wanted - 1].filter((each) => each >= 1 && !numbers.includes(each))
  return [...numbers, ...others]
}
