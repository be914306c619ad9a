'use client'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { auditEntry } from '#contracts/audit'

export type AuditEntry = z.output<typeof auditEntry>

const actorKinds = ['user', 'key', 'job', 'webhook', 'voice', 'anyone'] as const
type ActorKind = (typeof actorKinds)[number]

/** An action or a whole domain in words; one that has none yet is shown as it is recorded. */
export function useActionText(): (action: string) => string {
  const t = useTranslations('audit')
  return useCallback(
    (action) => {
      const [domain = '', verb] = action.split('.')
      const key = verb ? `actions.${domain}.${verb}` : `domains.${domain}`
      return t.has(key as 'title') ? t(key as 'title') : action
    },
    [t],
  )
}

/** Who did it: the name where there is one, else what kind of actor and under which id. */
export function useActorText(): (entry: Pick<AuditEntry, 'actorKind' | 'actorName'>) => string {
  const t = useTranslations('audit.actors')
  return useCallback(
    ({ actorKind, actorName }) => {
      if (actorName) return actorName
      const kind = actorKinds.find((known): known is ActorKind => known === actorKind)
      return kind ? t(kind) : actorKind
    },
    [t],
  )
}
