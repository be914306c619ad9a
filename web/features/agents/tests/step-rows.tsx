'use client'
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useFieldArray, useFormContext } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { MAX_STEPS } from '#api/contract/agent-test.ts'
import { Button } from '../../../components/button.tsx'
import { IconButton } from '../../../components/icon-button.tsx'
import { StepFields } from './step-fields.tsx'
import { blankStep, type TypedTest } from './typed-steps.ts'

/** The steps as rows that are added, taken away, and moved by buttons or by Alt with the arrow keys. */
export function StepRows({ error }: { error: string | undefined }) {
  const t = useTranslations('agentTests.editor')
  const { control, formState, trigger } = useFormContext<TypedTest>()
  const { fields, append, remove, move } = useFieldArray({ control, name: 'steps' })
  const list = useRef<HTMLOListElement>(null)
  const [news, setNews] = useState('')
  const checkAgain = () => {
    if (formState.isSubmitted) void trigger('steps')
  }
  const moveStep = (from: number, to: number) => {
    if (to < 0 || to >= fields.length) return
    // What has the focus may lose it when its row is taken to another place of the page.
    const focused = document.activeElement
    move(from, to)
    checkAgain()
    setNews(t('moved', { from: from + 1, to: to + 1, count: fields.length }))
    requestAnimationFrame(() => focused instanceof HTMLElement && focused.focus())
  }
  const removeStep = (place: number) => {
    remove(place)
    checkAgain()
    setNews(t('removed', { number: place + 1, count: fields.length - 1 }))
    requestAnimationFrame(() => focusRow(list.current, Math.min(place, fields.length - 2)))
  }
  const add = () => {
    append(blankStep('agentSays'), { shouldFocus: false })
    checkAgain()
    requestAnimationFrame(() => focusRow(list.current, fields.length))
  }
  return (
    <fieldset className="min-w-0 space-y-3">
      <legend className="font-medium">{t('steps')}</legend>
      <ol ref={list} aria-label={t('steps')} className="space-y-2">
        {fields.map((field, place) => (
          <li
            key={field.id}
            onKeyDown={(event) => {
              const to = placeAfter(event, place)
              if (to === null) return
              event.preventDefault()
              moveStep(place, to)
            }}
            className="rounded-card border border-line p-3"
          >
            <StepFields
              place={place}
              onKindChange={checkAgain}
              actions={
                <>
                  <Mover
                    label={t('up', { number: place + 1 })}
                    icon={ArrowUp}
                    isOff={place === 0}
                    onMove={() => moveStep(place, place - 1)}
                  />
                  <Mover
                    label={t('down', { number: place + 1 })}
                    icon={ArrowDown}
                    isOff={place === fields.length - 1}
                    onMove={() => moveStep(place, place + 1)}
                  />
                  <IconButton
                    label={t('remove', { number: place + 1 })}
                    onClick={() => removeStep(place)}
                  >
                    <Trash2 aria-hidden className="size-4" />
                  </IconButton>
                </>
              }
            />
          </li>
        ))}
      </ol>
      {error && (
        <p role="alert" className="text-bad text-xs">
          {error}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button onClick={add} disabled={fields.length >= MAX_STEPS}>
          <Plus aria-hidden className="size-4 text-soft" />
          {t('add')}
        </Button>
        <p className="text-soft text-xs">
          {fields.length >= MAX_STEPS ? t('atMost', { count: MAX_STEPS }) : t('keys')}
        </p>
      </div>
      <p role="status" className="sr-only">
        {news}
      </p>
    </fieldset>
  )
}

/** A button that keeps the focus also where it can do nothing more. */
const Mover = (props: { label: string; icon: typeof ArrowUp; isOff: boolean; onMove(): void }) => {
  const Icon = props.icon
  return (
    <IconButton
      label={props.label}
      aria-disabled={props.isOff}
      onClick={props.onMove}
      className={props.isOff ? 'cursor-not-allowed opacity-50' : ''}
    >
      <Icon aria-hidden className="size-4" />
    </IconButton>
  )
}

/** Where Alt with an arrow takes the row; null for every other key. */
function placeAfter(event: KeyboardEvent, place: number): number | null {
  if (!event.altKey || event.ctrlKey || event.metaKey) return null
  if (event.key === 'ArrowUp') return place - 1
  return event.key === 'ArrowDown' ? place + 1 : null
}

function focusRow(list: HTMLOListElement | null, place: number): void {
  list?.children[place]?.querySelector<HTMLElement>('select')?.focus()
}
