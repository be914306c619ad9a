'use client'
import { Plus } from 'lucide-react'
import { type ComponentType, useState } from 'react'
import { AuditVerdict } from '../../../components/audit/audit-verdict.tsx'
import { Button } from '../../../components/button.tsx'
import { Checkbox } from '../../../components/checkbox.tsx'
import { ChipList } from '../../../components/chip-list.tsx'
import { Combobox } from '../../../components/combobox.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { DiffLines } from '../../../components/diff-lines.tsx'
import { DiffView } from '../../../components/diff-view.tsx'
import { FeatureOff } from '../../../components/feature-off.tsx'
import { Field } from '../../../components/field.tsx'
import { FileDrop } from '../../../components/file-drop.tsx'
import { Form } from '../../../components/form.tsx'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { Input, Textarea } from '../../../components/input.tsx'
import { LinkTabs } from '../../../components/link-tabs.tsx'
import { ProgressBar } from '../../../components/progress-bar.tsx'
import { RadioCards } from '../../../components/radio-cards.tsx'
import { SecretOnce } from '../../../components/secret-once.tsx'
import { Select } from '../../../components/select.tsx'
import { TableSkeleton } from '../../../components/table-skeleton.tsx'
import { Toasts, toast } from '../../../components/toast.tsx'
import { ApiError } from '../../../lib/api/api-error.ts'
import type { PartProps } from './gallery.tsx'

const nothing = () => undefined
const refused = new ApiError({
  code: 'wallet.insufficient_balance',
  status: 402,
  detail: 'The wallet holds less than 300 cents.',
  requestId: 'req_0193a',
})

/** What forms are made of, and what surrounds them. */
export function FormParts({ part: Part }: { part: ComponentType<PartProps> }) {
  return (
    <>
      <Part title="Form">
        <Controls />
      </Part>
      <Part title="Choices">
        <Choices />
      </Part>
      <Part title="Files">
        <Files />
      </Part>
      <Part title="Differences and proof">
        <DiffView
          before={{ role: 'sales_person', limits: { calls: 5 } }}
          after={{ role: 'org_manager', limits: { calls: 5 }, note: 'on leave' }}
          className="max-w-md"
        />
        <div className="max-w-md">
          <DiffLines
            lines={[
              {
                name: 'Prompt',
                before: 'You answer calls.\nBe brief.\nOffer a cleaning.\nSay goodbye.',
                after: 'You answer calls.\nBe kind.\nOffer a cleaning.\nSay goodbye.',
              },
              { name: 'Webhook', before: undefined, after: { name: 'find_slot', method: 'POST' } },
            ]}
            sides={{ before: 'Saved', after: 'Yours' }}
          />
        </div>
        <AuditVerdict verdict={{ checked: 128, intact: true, problem: null }} />
        <AuditVerdict
          verdict={{
            checked: 3,
            intact: false,
            problem: { sequence: 4, problem: 'its hash does not fit' },
          }}
        />
      </Part>
      <Part title="Around forms">
        <Around />
      </Part>
    </>
  )
}

function Controls() {
  return (
    <Form onSubmit={(event) => event.preventDefault()} failure={refused} className="max-w-md">
      <Field label="Name" hint="As your customers know it." isOptional>
        {(control) => <Input {...control} placeholder="Northwind Dental" />}
      </Field>
      <Field label="E-mail address" error="This is not an e-mail address">
        {(control) => <Input {...control} defaultValue="ana@" />}
      </Field>
      <Field label="What is said">
        {(control) => <Textarea {...control} defaultValue="This call may be recorded." />}
      </Field>
      <Field label="Closed field">
        {(control) => <Input {...control} disabled defaultValue="cannot be changed" />}
      </Field>
      <SecretOnce label="API key" secret="vox_0193a_4f7c1a" />
    </Form>
  )
}

function Choices() {
  const [role, setRole] = useState('admin')
  const [zone, setZone] = useState<string | null>(null)
  const [isChecked, setChecked] = useState(true)
  return (
    <div className="max-w-md space-y-4">
      <Field label="Good for">
        {(control) => (
          <Select
            {...control}
            options={[
              { value: '30', label: '30 days' },
              { value: '90', label: '90 days' },
            ]}
          />
        )}
      </Field>
      <Field label="Time zone">
        {(control) => (
          <Combobox
            control={control}
            value={zone}
            choices={[
              { value: 'Europe/Berlin', label: 'Europe/Berlin', hint: 'GMT+1' },
              { value: 'UTC', label: 'UTC', hint: 'GMT' },
            ]}
            onChange={setZone}
            placeholder="Choose a time zone"
            searchLabel="City or region"
          />
        )}
      </Field>
      <Checkbox
        checked={isChecked}
        onChange={() => setChecked(!isChecked)}
        label="Announce that the call is recorded"
        hint="Many countries ask for it."
      />
      <RadioCards
        label="Role"
        value={role}
        onChange={setRole}
        options={[
          { value: 'admin', label: 'Admin', hint: 'Runs the organization.' },
          { value: 'sales', label: 'Sales' },
        ]}
      />
      <ChipList
        label="Countries"
        items={[
          { value: 'DE', label: 'Germany' },
          { value: 'US', label: 'United States' },
        ]}
        onRemove={nothing}
      />
    </div>
  )
}

function Around() {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <GuardedButton kind="primary" refusal="The organization is paused.">
          <Plus aria-hidden className="size-4" />
          Guarded
        </GuardedButton>
        <Button onClick={() => toast('The settings are saved')}>Toast</Button>
        <Button onClick={() => setAsking(true)}>Typed name</Button>
      </div>
      <LinkTabs
        label="Parts"
        currentKey="one"
        tabs={[
          { key: 'one', label: 'Organization', href: '#one' },
          { key: 'two', label: 'API keys', href: '#two' },
        ]}
      />
      <TableSkeleton label="Loading members" />
      <FeatureOff />
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Archive the organization?"
        effect="Its people get in no more."
        action="Archive"
        typedName="Northwind Dental"
        isSending={false}
        failure={refused}
        onConfirm={() => setAsking(false)}
      />
      <Toasts />
    </>
  )
}

function Files() {
  const drop = {
    label: 'Drop files here',
    hint: 'PDF, plain text or Markdown',
    action: 'Choose files',
    accept: '.pdf,.txt,.md',
    onFiles: nothing,
  }
  return (
    <>
      <FileDrop {...drop} refusal={null} />
      <FileDrop {...drop} action="Choose nothing" refusal="The organization is paused." />
      <ProgressBar label="Not begun" share={0} />
      <ProgressBar label="On its way" share={0.4} />
      <ProgressBar label="Done" share={1} />
    </>
  )
}
