'use client'
import { useTranslations } from 'use-intl'
import { agentLanguages } from '#api/contract/agent-spec.ts'
import { Field } from '../../components/field.tsx'
import { Textarea } from '../../components/input.tsx'
import { Select } from '../../components/select.tsx'
import { Part, TabForm, useEditor } from './editor-context.tsx'
import { useLanguageName } from './use-language-name.ts'
import { VariablesField } from './variables-field.tsx'

const PLACEHOLDER = '{{name}}' // Braces mean something else within the texts.

/** What the agent is told to be and says first. */
export function PromptTab() {
  const t = useTranslations('agents.prompt')
  const languageName = useLanguageName()
  const { form, messageOf, isReadOnly } = useEditor()
  const { register } = form
  const languages = agentLanguages
    .map((value) => ({ value, label: languageName(value) }))
    .sort((one, other) => one.label.localeCompare(other.label))
  return (
    <TabForm label={t('label')}>
      {isReadOnly ? (
        <ReadOnlyTexts />
      ) : (
        <div className="space-y-4">
          <Field
            label={t('prompt')}
            hint={t('promptHint', { example: PLACEHOLDER })}
            error={messageOf('spec.prompt')}
          >
            {(control) => <Textarea {...control} {...register('spec.prompt')} rows={16} />}
          </Field>
          <Field
            label={t('firstMessage')}
            hint={t('firstMessageHint')}
            error={messageOf('spec.firstMessage')}
            isOptional
          >
            {(control) => <Textarea {...control} {...register('spec.firstMessage')} rows={2} />}
          </Field>
        </div>
      )}
      <Field label={t('language')} error={messageOf('spec.language')} className="max-w-xs">
        {(control) => <Select {...control} {...register('spec.language')} options={languages} />}
      </Field>
      <Part title={t('variables')} hint={t('variablesHint', { example: PLACEHOLDER })}>
        <VariablesField />
      </Part>
    </TabForm>
  )
}

/** Long texts as texts: a field that is switched off can neither be scrolled nor copied from. */
function ReadOnlyTexts() {
  const t = useTranslations('agents.prompt')
  const { agent } = useEditor()
  const texts = [
    { name: t('prompt'), text: agent.draft.prompt },
    { name: t('firstMessage'), text: agent.draft.firstMessage },
  ]
  return (
    <dl className="space-y-4">
      {texts.map(({ name, text }) => (
        <div key={name}>
          <dt className="font-medium">{name}</dt>
          <dd className="mt-1 whitespace-pre-wrap break-words rounded-card border border-line bg-panel px-3 py-2">
            {text || <span className="text-soft">{t('nothing')}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
