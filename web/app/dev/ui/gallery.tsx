'use client'
import { CircleCheck, Inbox, LoaderCircle, Pause, TriangleAlert, Wallet } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Banner } from '../../../components/banner.tsx'
import { Button } from '../../../components/button.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { Copy } from '../../../components/copy.tsx'
import { DataTable } from '../../../components/data-table.tsx'
import { Empty } from '../../../components/empty.tsx'
import { ErrorBox } from '../../../components/error-box.tsx'
import { Fact, Facts } from '../../../components/facts.tsx'
import { FilterChips } from '../../../components/filter-chips.tsx'
import { FilterMenu } from '../../../components/filter-menu.tsx'
import { IconButton } from '../../../components/icon-button.tsx'
import { JsonView } from '../../../components/json-view.tsx'
import { LevelMeter } from '../../../components/level-meter.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Phone } from '../../../components/phone.tsx'
import { SearchField } from '../../../components/search-field.tsx'
import { ThemeSwitch } from '../../../components/shell/theme-switch.tsx'
import { Bone, Skeleton } from '../../../components/skeleton.tsx'
import { StatusChip } from '../../../components/status-chip.tsx'
import { Stepper } from '../../../components/stepper.tsx'
import { Switch } from '../../../components/switch.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { ApiError } from '../../../lib/api/api-error.ts'
import { FigureParts } from './figure-parts.tsx'
import { FormParts } from './form-parts.tsx'
import { SoundParts } from './sound-parts.tsx'

const nothing = () => undefined

/** The components by kind; a state is made by its props alone, since none of them fetches. */
export function Gallery() {
  return (
    <main className="mx-auto max-w-5xl space-y-10 px-4 py-8 md:px-6">
      <PageHeader title="Components" note="every state, both themes" actions={<ThemeSwitch />} />
      <Part title="Buttons">
        <Buttons />
      </Part>
      <Part title="Fields and filters">
        <Fields />
      </Part>
      <Part title="Status">
        <Statuses />
      </Part>
      <Part title="Nothing, waiting, failing">
        <States />
      </Part>
      <Part title="Facts and tabs">
        <FactsAndTabs />
      </Part>
      <Part title="Table">
        <Table />
      </Part>
      <FormParts part={Part} />
      <FigureParts part={Part} />
      <SoundParts part={Part} />
    </main>
  )
}

export type PartProps = { title: string; children: ReactNode }

function Part({ title, children }: PartProps) {
  return (
    <section aria-label={title} className="space-y-4">
      <h2 className="border-line border-b pb-1 font-semibold text-base">{title}</h2>
      {children}
    </section>
  )
}

const Row = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap items-center gap-3">{children}</div>
)

function Buttons() {
  const [isAsking, setAsking] = useState(false)
  const kinds = ['primary', 'plain', 'quiet', 'danger'] as const
  return (
    <>
      <Row>
        {kinds.map((kind) => (
          <Button key={kind} kind={kind}>
            Button {kind}
          </Button>
        ))}
      </Row>
      <Row>
        {kinds.map((kind) => (
          <Button key={kind} kind={kind} size="small" disabled>
            Disabled {kind}
          </Button>
        ))}
        <IconButton label="Pause">
          <Pause aria-hidden className="size-4" />
        </IconButton>
        <Copy text="copied text" label="text" />
        <Button onClick={() => setAsking(true)}>Open dialog</Button>
      </Row>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Delete the number?"
        effect="Calls to it are no longer answered."
        action="Delete"
        isSending={false}
        onConfirm={() => setAsking(false)}
      />
    </>
  )
}

function Fields() {
  const [text, setText] = useState('tooth')
  const [isOn, setOn] = useState(true)
  const [status, setStatus] = useState<string | null>('done')
  return (
    <>
      <Row>
        <SearchField label="Search" value={text} onChange={setText} className="w-56" />
        <SearchField label="Number" value="" onChange={nothing} className="w-40" />
        <FilterMenu
          label="Status"
          anyLabel="Any"
          value={status}
          options={[
            { value: 'done', label: 'Done' },
            { value: 'failed', label: 'Failed' },
          ]}
          onChange={setStatus}
        />
        <Switch isOn={isOn} onChange={setOn}>
          Follow
        </Switch>
      </Row>
      <FilterChips
        chips={[
          { key: 'a', label: 'Last 7 days', onRemove: nothing },
          { key: 'b', label: 'Said: tooth', onRemove: nothing },
        ]}
        onClear={nothing}
      />
    </>
  )
}

function Statuses() {
  const step = { label: 'Recording', stateLabel: 'state' }
  return (
    <>
      <Row>
        <StatusChip icon={CircleCheck} tone="ok" label="Done" />
        <StatusChip icon={LoaderCircle} tone="neutral" label="Processing" />
        <StatusChip icon={TriangleAlert} tone="bad" label="Failed" isPulsing />
        <StatusChip icon={Wallet} tone="warn" label="Low" />
      </Row>
      <Stepper
        label="Steps"
        steps={(['done', 'running', 'waiting', 'failed'] as const).map((state) => ({
          ...step,
          key: state,
          state,
          note: state,
        }))}
      />
      <div className="overflow-hidden rounded-card border border-line">
        <Banner>A note</Banner>
        <Banner kind="warn">A warning</Banner>
        <Banner kind="bad">Something is wrong</Banner>
      </div>
      <Row>
        <LevelMeter level={0} tone="ok" />
        <LevelMeter level={0.05} tone="ok" />
        <LevelMeter level={0.3} tone="brand" />
        <LevelMeter level={1} tone="brand" />
      </Row>
    </>
  )
}

function States() {
  const fault = new ApiError({
    code: 'internal',
    status: 500,
    detail: 'Internal error',
    requestId: 'req_01J8ZK3M5Q',
  })
  return (
    <>
      <Empty
        icon={Inbox}
        title="No calls yet"
        hint="A call appears here as soon as one of your numbers is phoned."
        action={<Button kind="primary">Open the softphone</Button>}
        className="rounded-card border border-line"
      />
      <ErrorBox title="The calls could not be loaded." error={fault} onRetry={nothing} />
      <ErrorBox title="The screen broke." error={new Error('unforeseen')} />
      <Skeleton label="Loading" className="space-y-3">
        <Bone className="w-1/3" />
        <Bone className="w-2/3" />
      </Skeleton>
    </>
  )
}

function FactsAndTabs() {
  const [tab, setTab] = useState('facts')
  return (
    <Tabs
      label="Example"
      value={tab}
      onChange={setTab}
      tabs={[
        {
          value: 'facts',
          label: 'Facts',
          content: (
            <Facts>
              <Fact name="From" copies="+14155550134">
                <Phone number="+14155550134" />
              </Fact>
              <Fact name="Agent">Front desk</Fact>
            </Facts>
          ),
        },
        {
          value: 'record',
          label: 'Record',
          content: <JsonView data={{ fundedSeconds: 60, priceId: 'p_1' }} />,
        },
      ]}
    />
  )
}

function Table() {
  const rows = [
    { id: 'a', name: 'Front desk', calls: 128 },
    { id: 'b', name: 'Booking assistant', calls: 7 },
  ]
  return (
    <DataTable
      caption="Agents"
      rows={rows}
      rowKey={(row) => row.id}
      currentKey="b"
      onPick={nothing}
      onOpen={nothing}
      columns={[
        {
          key: 'name',
          header: 'Agent',
          cell: (row) => (
            <button type="button" data-row-action>
              {row.name}
            </button>
          ),
        },
        { key: 'calls', header: 'Calls', isNumeric: true, cell: (row) => row.calls },
      ]}
    />
  )
}
