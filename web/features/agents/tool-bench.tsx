'use client'
import { useState } from 'react'
import { useWatch } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { webhookTool } from '#api/contract/agent-spec.ts'
import type { Answer } from '#api/contract/endpoint.ts'
import { testTool } from '#contracts/agents'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Field } from '../../components/field.tsx'
import { Input } from '../../components/input.tsx'
import { useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useEditor } from './editor-context.tsx'
import { typedValues } from './tool-values.ts'

type Answered = Answer<typeof testTool>

/** Calls a tool as it stands in the form, with values typed here, and shows what was sent and what came back. */
export function ToolBench({ place }: { place: number }) {
  const t = useTranslations('agents.tools.bench')
  const { form } = useEditor()
  const tool = useWatch({ control: form.control, name: `spec.tools.webhooks.${place}` })
  const [typed, setTyped] = useState<Record<string, string>>({})
  const test = useEndpointCall(testTool)
  const parameters = tool?.parameters ?? []
  const send = async () => {
    // Looked at as a whole, so that each fault is told at its field.
    const isFit = await form.trigger(`spec.tools.webhooks.${place}`)
    const parsed = webhookTool.safeParse(tool)
    if (!isFit || !parsed.success) return
    test.mutate({ body: { tool: parsed.data, values: typedValues(parsed.data, typed) } })
  }
  return (
    <section aria-label={t('title')} className="rounded-control bg-ink/4 p-3">
      <h3 className="font-medium">{t('title')}</h3>
      <p className="text-soft text-xs">{t('hint')}</p>
      <div className="mt-3 grid gap-3 empty:hidden sm:grid-cols-2">
        {parameters.map(({ name, value }, row) => (
          <Field
            // biome-ignore lint/suspicious/noArrayIndexKey: a name may be empty or there twice while it is typed.
            key={row}
            label={name || t('unnamed')}
            isOptional={value.from === 'constant'}
          >
            {(given) => (
              <Input
                {...given}
                autoComplete="off"
                placeholder={value.from === 'constant' ? value.constant : ''}
                value={typed[name] ?? ''}
                onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                onKeyDown={(event) => {
                  // Enter tries the tool; it must not save the draft.
                  if (event.key !== 'Enter') return
                  event.preventDefault()
                  void send()
                }}
              />
            )}
          </Field>
        ))}
      </div>
      <Button onClick={() => void send()} disabled={test.isPending} className="mt-3">
        {test.isPending ? t('sending') : t('send')}
      </Button>
      {test.error && <ErrorBox title={t('refused')} error={test.error} className="mt-3" />}
      {test.data && !test.isPending && <Result answer={test.data} />}
    </section>
  )
}

function Result({ answer }: { answer: Answered }) {
  const t = useTranslations('agents.tools.bench')
  const format = useFormat()
  const duration = t('duration', { ms: format.number(answer.durationMs) })
  return (
    <div role="status" aria-label={t('result')} className="mt-3 space-y-2">
      <p className="font-medium">
        {answer.status === null
          ? t(`errors.${answer.error ?? 'unreachable'}`)
          : t('status', { status: answer.status })}{' '}
        <span className="font-normal text-soft tabular-nums">{duration}</span>
      </p>
      <Words label={t('sent')}>
        {[`${answer.request.method} ${answer.request.url}`, answer.request.body ?? '']
          .filter(Boolean)
          .join('\n\n')}
      </Words>
      {answer.status !== null && (
        <Words label={answer.isTruncated ? t('answerCut') : t('answer')}>
          {answer.bodyHead || t('empty')}
        </Words>
      )}
    </div>
  )
}

const Words = (props: { label: string; children: string }) => (
  <div>
    <p className="text-soft text-xs">{props.label}</p>
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="mt-0.5 max-h-56 overflow-auto whitespace-pre-wrap break-all rounded-control border border-line bg-panel p-2 text-xs"
    >
      {props.children}
    </pre>
  </div>
)
