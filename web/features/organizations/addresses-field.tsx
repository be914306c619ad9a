'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { Button } from '../../components/button.tsx'
import { ChipList } from '../../components/chip-list.tsx'
import { Field } from '../../components/field.tsx'
import { Input } from '../../components/input.tsx'

const MAX_ADDRESSES = 10 // The API's bound.

/** Addresses that are written to besides the admins' own. */
export function AddressesField(props: {
  addresses: readonly string[]
  error: string | undefined
  isDisabled: boolean
  onChange(addresses: string[]): void
}) {
  const t = useTranslations('settings.organization.addresses')
  const issues = useTranslations('forms.issues')
  const { addresses, onChange } = props
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  const isFull = addresses.length >= MAX_ADDRESSES
  const add = () => {
    const address = typed.trim()
    if (address === '') return
    if (!z.email().safeParse(address).success) return setFault(issues('email'))
    if (!addresses.includes(address)) onChange([...addresses, address])
    setFault(undefined)
    setTyped('')
  }
  return (
    <div className="space-y-2">
      <Field
        label={t('label')}
        hint={isFull ? t('full', { count: MAX_ADDRESSES }) : t('hint')}
        error={fault ?? props.error}
      >
        {(control) => (
          <div className="flex gap-2">
            <Input
              {...control}
              type="email"
              autoComplete="off"
              value={typed}
              disabled={isFull}
              onChange={(event) => setTyped(event.target.value)}
              onBlur={add}
              onKeyDown={(event) => {
                // Enter adds the address; it must not send the whole form.
                if (event.key !== 'Enter') return
                event.preventDefault()
                add()
              }}
            />
            <Button onClick={add} disabled={isFull || typed.trim() === ''}>
              {t('add')}
            </Button>
          </div>
        )}
      </Field>
      <ChipList
        label={t('label')}
        items={addresses.map((value) => ({ value, label: value }))}
        onRemove={(address) => onChange(addresses.filter((each) => each !== address))}
        isDisabled={props.isDisabled}
      />
    </div>
  )
}
