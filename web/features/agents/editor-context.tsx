'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { FieldPath } from 'react-hook-form'
import { z } from 'zod'
import { agentSpec } from '#api/contract/agent-spec.ts'
import { classes } from '../../lib/classes.ts'
import type { useApiForm } from '../../lib/use-api-form.ts'
import type { AgentDetail } from './agent-types.ts'

/** The draft as the API takes it, so that what it refuses finds its field. */
export const editorSchema = z.object({ spec: agentSpec })
export type EditorValues = z.input<typeof editorSchema>

type Editor = Pick<
  ReturnType<typeof useApiForm<EditorValues>>,
  'form' | 'messageOf' | 'isSending'
> & {
  agent: AgentDetail
  /** Readers, and everybody while the organization is paused, only look. */
  isReadOnly: boolean
  submit(): void
  isDirty: boolean
  /** Saves the draft; false where that did not come about, and the form says why. */
  saveDraft(): Promise<boolean>
}

const EditorContext = createContext<Editor | null>(null)

export const EditorProvider = (props: { editor: Editor; children: ReactNode }) => (
  <EditorContext value={props.editor}>{props.children}</EditorContext>
)

/** The draft under the hands of this person; only below the editor. */
export function useEditor(): Editor {
  const editor = useContext(EditorContext)
  if (!editor) throw new Error('useEditor needs an EditorProvider above it')
  return editor
}

/** A tab of fields: Enter saves; a field is checked when it is left, and while it is wrong at each change. */
export function TabForm(props: { label: string; children: ReactNode }) {
  const { form, isReadOnly, submit } = useEditor()
  const check = (target: EventTarget, isOnlyIfWrong: boolean) => {
    const name = fieldOf(target)
    if (!name || (isOnlyIfWrong && !form.getFieldState(name).invalid)) return
    void form.trigger(name)
  }
  return (
    <form
      noValidate
      aria-label={props.label}
      onBlur={(event) => check(event.target, false)}
      onChange={(event) => check(event.target, true)}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isReadOnly) submit()
      }}
    >
      <fieldset disabled={isReadOnly} className="space-y-8">
        <legend className="sr-only">{props.label}</legend>
        {props.children}
      </fieldset>
    </form>
  )
}

/** A field of the form carries its place as its name. */
function fieldOf(target: EventTarget): FieldPath<EditorValues> | null {
  const name = 'name' in target ? target.name : null
  const isField = (text: unknown): text is FieldPath<EditorValues> =>
    typeof text === 'string' && text.startsWith('spec.')
  return isField(name) ? name : null
}

/** A part of a tab under its heading. */
export const Part = (props: {
  title: string
  hint?: ReactNode
  children: ReactNode
  className?: string
}) => (
  <section className={classes('space-y-3', props.className)}>
    <div>
      <h2 className="font-semibold text-base">{props.title}</h2>
      {props.hint && <p className="text-soft">{props.hint}</p>}
    </div>
    {props.children}
  </section>
)
