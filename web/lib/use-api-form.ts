'use client'
import { type BaseSyntheticEvent, useMemo, useRef, useState } from 'react'
import {
  type DefaultValues,
  type FieldPath,
  type FieldValues,
  type Resolver,
  useForm,
} from 'react-hook-form'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { ApiError } from './api/api-error.ts'
import { type Issue, issueText } from './issue-text.ts'

/**
 * A form over a contract's schema: checked on leaving a field, then at each change; what the server has against a field lands
 * on that field, anything else is the form's `failure`. Sent twice at once it is sent once. Values go out as they were typed, the server trims and decodes.
 */
export function useApiForm<Values extends FieldValues>(
  schema: z.ZodType<unknown, Values>,
  options: {
    values: DefaultValues<NoInfer<Values>>
    send(values: NoInfer<Values>): Promise<unknown>
    /** `onSubmit` where rows are added empty: they are not wrong before anything was typed. */
    mode?: 'onTouched' | 'onSubmit'
  },
) {
  const t = useTranslations('forms.issues')
  const [failure, setFailure] = useState<unknown>(null)
  const resolver = useMemo(
    (): Resolver<Values> =>
      async (...given) => {
        const { zodResolver } = await import('@hookform/resolvers/zod')
        const error = (issue: unknown) => issueText(issue as Issue, t)
        return zodResolver(schema, { error }, { raw: true })(...given)
      },
    [schema, t],
  )
  const form = useForm<Values>({
    resolver,
    mode: options.mode ?? 'onTouched',
    defaultValues: options.values,
  })
  const { setError } = form

  const sendOnce = form.handleSubmit(async (values) => {
    setFailure(null)
    try {
      await options.send(values)
    } catch (error) {
      const fields = error instanceof ApiError ? error.fields : []
      const known = fields.filter(({ path }) => rootOf(path) in values)
      known.forEach(({ path, message }, place) => {
        setError(inForm<Values>(path), { message }, { shouldFocus: place === 0 })
      })
      if (known.length === 0) setFailure(error)
    }
  })

  // Enter in a field and Ctrl Enter reach here, too, whatever the button says meanwhile.
  const sending = useRef<Promise<void> | null>(null)
  const submit = (event?: BaseSyntheticEvent): Promise<void> => {
    event?.preventDefault()
    sending.current ??= sendOnce(event).finally(() => {
      sending.current = null
    })
    return sending.current
  }

  /** What is wrong with a field, in words. */
  const messageOf = (name: FieldPath<Values>): string | undefined =>
    form.getFieldState(name, form.formState).error?.message
  return { form, submit, failure, messageOf, isSending: form.formState.isSubmitting }
}

/** `body.name` as the form knows it; the names are the contract's on both sides. */
const inForm = <Values extends FieldValues>(path: string): FieldPath<Values> =>
  path.replace(/^body\./, '') as FieldPath<Values>

const rootOf = (path: string): string => path.replace(/^body\./, '').split('.')[0] ?? ''
