'use client'
import { type ComponentProps, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { Field } from '../../components/field.tsx'
import { Input } from '../../components/input.tsx'

/** What can be an auth token at all; whether it is one only Twilio knows. */
export function useTokenSchema() {
  const t = useTranslations('numbers.accounts.connect')
  return useMemo(() => z.string().regex(/^\s*[\x21-\x7e]{16,100}\s*$/, t('badToken')), [t])
}

/** A token is typed like a password: no browser keeps it, nobody reads it over a shoulder. */
export function TokenField(props: {
  error: string | undefined
  register(): ComponentProps<'input'>
}) {
  const t = useTranslations('numbers.accounts.connect')
  return (
    <Field label={t('token')} hint={t('tokenHint')} error={props.error}>
      {(control) => (
        <Input
          {...control}
          {...props.register()}
          type="password"
          autoComplete="new-password"
          spellCheck={false}
        />
      )}
    </Field>
  )
}
