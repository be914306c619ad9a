'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { createCompetitor, listCompetitors, updateCompetitor } from '#contracts/competitors'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import type { Competitor } from './competitors-tab.tsx'
import { linesOf, MAX_POINT_CHARACTERS, MAX_POINTS } from './lines.ts'

const lists = ['talkingPoints', 'strengths', 'weaknesses'] as const

/** A competitor and what is known of them; each list is typed as lines. */
export function CompetitorDialog(props: { competitor: Competitor | null; onClose(): void }) {
  const t = useTranslations('competitors.dialog')
  const points = useTranslations('competitors.points')
  const { competitor, onClose } = props
  const api = useApi()
  const queries = useQueryClient()
  const before = typedOf(competitor)
  const { form, submit, failure, messageOf, isSending } = useApiForm(useSchema(), {
    values: before,
    async send(typed) {
      if (competitor) {
        const params = { competitorId: competitor.id }
        await api(updateCompetitor, { params, body: changedIn(typed, before) })
      } else {
        await api(createCompetitor, { body: bodyOf(typed) })
      }
      toast(t(competitor ? 'saved' : 'added', { name: typed.name.trim() }))
      void queries.invalidateQueries({ queryKey: endpointKey(listCompetitors) })
      onClose()
    },
  })
  return (
    <FormDialog
      title={competitor ? t('editTitle') : t('addTitle')}
      action={competitor ? t('save') : t('add')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
      isWide
    >
      <Field label={t('name')} error={messageOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
      <Field label={t('website')} error={messageOf('website')} isOptional>
        {(control) => (
          <Input
            {...control}
            {...form.register('website')}
            type="url"
            inputMode="url"
            autoComplete="off"
            placeholder="https://"
          />
        )}
      </Field>
      {lists.map((key) => (
        <Field key={key} label={points(key)} hint={t('lines')} error={messageOf(key)} isOptional>
          {(control) => <Textarea {...control} {...form.register(key)} rows={4} />}
        </Field>
      ))}
    </FormDialog>
  )
}

type Typed = Record<'name' | 'website' | (typeof lists)[number], string>

const typedOf = (competitor: Competitor | null): Typed => ({
  name: competitor?.name ?? '',
  website: competitor?.website ?? '',
  strengths: competitor?.strengths.join('\n') ?? '',
  weaknesses: competitor?.weaknesses.join('\n') ?? '',
  talkingPoints: competitor?.talkingPoints.join('\n') ?? '',
})

const bodyOf = (typed: Typed) => ({
  name: typed.name,
  website: typed.website.trim() || null,
  strengths: linesOf(typed.strengths),
  weaknesses: linesOf(typed.weaknesses),
  talkingPoints: linesOf(typed.talkingPoints),
})

/** Only what this person touched: the rest may have been changed by somebody else meanwhile. */
function changedIn(typed: Typed, before: Typed): Partial<ReturnType<typeof bodyOf>> {
  const changed = Object.entries(bodyOf(typed)).filter(
    ([key]) => typed[key as keyof Typed] !== before[key as keyof Typed],
  )
  return Object.fromEntries(changed)
}

/** The contract's own rules, on what the fields of a form hold: text, and lines for lists. */
function useSchema() {
  const t = useTranslations('competitors.dialog')
  const issues = useTranslations('forms.issues')
  return useMemo(() => {
    const { name, website } = createCompetitor.body.shape
    const lines = z
      .string()
      .refine((text) => linesOf(text).length <= MAX_POINTS, {
        error: t('tooManyLines', { count: MAX_POINTS }),
      })
      .refine((text) => linesOf(text).every((line) => line.length <= MAX_POINT_CHARACTERS), {
        error: t('lineTooLong', { count: MAX_POINT_CHARACTERS }),
      })
    return z.object({
      name,
      website: z
        .string()
        .refine((text) => text.trim() === '' || website.safeParse(text.trim()).success, {
          error: issues('url'),
        }),
      strengths: lines,
      weaknesses: lines,
      talkingPoints: lines,
    })
  }, [t, issues])
}
