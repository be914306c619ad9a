'use client'
import { SendHorizontal } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '../../../components/icon-button.tsx'
import { Input } from '../../../components/input.tsx'
import type { TestCall } from './test-call.ts'

const MAX_CHARACTERS = 2_000 // as many as a gateway takes for one turn

/** Says something to the agent without a voice. */
export function TypeLine({ call, isMain }: { call: TestCall; isMain: boolean }) {
  const t = useTranslations('testCall')
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isMain) field.current?.focus()
  }, [isMain])
  const send = (event: FormEvent) => {
    event.preventDefault()
    const said = text.trim()
    if (!said) return
    call.type(said)
    setText('')
  }
  return (
    <form onSubmit={send} className="flex gap-1">
      <Input
        ref={field}
        value={text}
        maxLength={MAX_CHARACTERS}
        aria-label={t('say')}
        placeholder={t('say')}
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value)
          call.typing()
        }}
      />
      <IconButton type="submit" label={t('send')}>
        <SendHorizontal aria-hidden className="size-4" />
      </IconButton>
    </form>
  )
}
