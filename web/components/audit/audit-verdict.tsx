'use client'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { auditVerdict } from '#contracts/audit'

/** Whether the chain of hashes holds, in words and by icon. */
export function AuditVerdict(props: {
  verdict: z.output<typeof auditVerdict>
  /** More to say about a chain that is broken. */
  children?: ReactNode
}) {
  const t = useTranslations('audit.verdict')
  const { checked, intact, problem } = props.verdict
  const Icon = intact ? ShieldCheck : ShieldAlert
  return (
    <div
      role="status"
      className="flex items-start gap-3 rounded-card border border-line bg-panel px-4 py-3"
    >
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${intact ? 'text-ok' : 'text-bad'}`} />
      <div className="min-w-0">
        <p className="font-medium">{intact ? t('intact') : t('broken')}</p>
        <p className="text-soft">
          {problem
            ? t('problem', { sequence: problem.sequence, problem: problem.problem })
            : t('checked', { count: checked })}
        </p>
        {props.children}
      </div>
    </div>
  )
}
