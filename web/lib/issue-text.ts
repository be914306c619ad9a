import type { useTranslations } from 'use-intl'

/** What a schema has against a value, as far as a person needs to know. */
export type Issue = {
  code?: string
  origin?: string
  format?: string
  minimum?: number | bigint
  maximum?: number | bigint
  input?: unknown
}

type Translate = ReturnType<typeof useTranslations<'forms.issues'>>

/** In the reader's language; undefined where the schema's own words must do. */
export function issueText(issue: Issue, t: Translate): string | undefined {
  if (issue.code === 'invalid_type' || issue.input === '') return t('missing')
  if (issue.code === 'invalid_format' && issue.format === 'email') return t('email')
  if (issue.code === 'invalid_format' && issue.format === 'url') return t('url')
  if (issue.code === 'invalid_format' && issue.format === 'regex') return t('pattern')
  if (issue.code === 'too_small') return tooSmall(issue, t)
  if (issue.code === 'too_big') return tooBig(issue, t)
  return undefined
}

function tooSmall({ origin, minimum }: Issue, t: Translate): string {
  const count = Number(minimum)
  if (origin === 'string') return count <= 1 ? t('missing') : t('tooShort', { count })
  if (origin === 'array') return t('tooFew', { count })
  return t('atLeast', { count })
}

function tooBig({ origin, maximum }: Issue, t: Translate): string {
  const count = Number(maximum)
  if (origin === 'string') return t('tooLong', { count })
  if (origin === 'array') return t('tooMany', { count })
  return t('atMost', { count })
}
