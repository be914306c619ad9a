'use client'
import { ChevronDown, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useFieldArray, useWatch } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { classes } from '../../lib/classes.ts'
import { useEditor } from './editor-context.tsx'
import { ToolBench } from './tool-bench.tsx'
import { ToolKey } from './tool-key.tsx'
import { WebhookToolFields } from './webhook-tool-fields.tsx'

const MOST = 20 // The API's bound.

/** Addresses of the tenant's own that the agent calls; each unfolds into its fields and its test bench. */
export function WebhookTools() {
  const t = useTranslations('agents.tools.webhooks')
  const { form, isReadOnly, messageOf } = useEditor()
  const { fields, append, remove } = useFieldArray({
    control: form.control,
    name: 'spec.tools.webhooks',
  })
  const [openId, setOpenId] = useState<string | null>(null)
  const [isAdding, setAdding] = useState(false)
  const add = () => {
    append({
      name: '',
      description: '',
      url: '',
      method: 'POST',
      timeoutSeconds: 20,
      parameters: [],
    })
    setAdding(true)
  }
  const newest = isAdding ? fields.at(-1)?.id : undefined
  const error = messageOf('spec.tools.webhooks')
  return (
    <div className="space-y-3">
      {fields.length === 0 ? (
        <p className="text-soft">{t('none')}</p>
      ) : (
        <ul aria-label={t('title')} className="space-y-3">
          {fields.map((field, place) => (
            <WebhookTool
              key={field.id}
              place={place}
              isOpen={field.id === (openId ?? newest)}
              onToggle={() => {
                setAdding(false)
                setOpenId((openId ?? newest) === field.id ? null : field.id)
              }}
              onRemove={() => remove(place)}
            />
          ))}
        </ul>
      )}
      {error && (
        <p role="alert" className="text-bad text-xs">
          {error}
        </p>
      )}
      {!isReadOnly && fields.length > 0 && <ToolKey />}
      {!isReadOnly && (
        <Button onClick={add} disabled={fields.length >= MOST}>
          <Plus aria-hidden className="size-4 text-soft" />
          {t('add')}
        </Button>
      )}
    </div>
  )
}

function WebhookTool(props: {
  place: number
  isOpen: boolean
  onToggle(): void
  onRemove(): void
}) {
  const t = useTranslations('agents.tools.webhooks')
  const { form, isReadOnly } = useEditor()
  const { place } = props
  const tool = useWatch({ control: form.control, name: `spec.tools.webhooks.${place}` })
  const isWrong = form.formState.errors.spec?.tools?.webhooks?.[place] !== undefined
  // What is wrong must not hide in a folded row; readers have no button to unfold one.
  const isOpen = props.isOpen || isWrong || isReadOnly
  const name = tool?.name || t('unnamed')
  const panelId = `webhook-tool-${place}`
  return (
    <li className="rounded-card border border-line bg-panel">
      <div className="flex items-center gap-2 px-3 py-2">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={panelId}
          onClick={props.onToggle}
          className="flex min-h-8 min-w-0 grow items-center gap-2 rounded-control text-left"
        >
          <ChevronDown
            aria-hidden
            className={classes('size-4 shrink-0 text-soft', !isOpen && '-rotate-90')}
          />
          <span className="min-w-0">
            <span className="block truncate font-medium">{name}</span>
            <span className="block truncate text-soft text-xs">
              {tool?.method ?? 'POST'} {tool?.url ?? ''}
            </span>
          </span>
        </button>
        {!isReadOnly && (
          <IconButton label={t('remove', { name })} onClick={props.onRemove}>
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        )}
      </div>
      <div id={panelId} hidden={!isOpen} className="space-y-6 border-line border-t p-3">
        {isOpen && (
          <>
            <WebhookToolFields place={place} />
            {!isReadOnly && <ToolBench place={place} />}
          </>
        )}
      </div>
    </li>
  )
}
