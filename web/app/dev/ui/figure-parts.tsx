'use client'
import { type ComponentType, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { ChangedBy } from '../../../components/changed-by.tsx'
import { ChartPanel } from '../../../components/chart/chart-panel.tsx'
import type { ChartRow } from '../../../components/chart/series.ts'
import { DateRange } from '../../../components/date-range.tsx'
import { FormDialog } from '../../../components/form-dialog.tsx'
import { ReasonField } from '../../../components/reason-field.tsx'
import { StatTile, StatTileBones, StatTiles } from '../../../components/stat-tile.tsx'
import { WhenField } from '../../../components/when-field.tsx'
import { type ChosenRange, toDays } from '../../../lib/day-range.ts'
import type { PartProps } from './gallery.tsx'

const rows: ChartRow[] = Array.from({ length: 14 }, (_, place) => ({
  key: String(place),
  label: `${place + 1} Nov`,
  values: { revenue: 20 + ((place * 7) % 13), cost: place === 5 ? null : 8 + (place % 4) },
}))

/** Figures, charts, ranges, and the dialog that changes something for a reason. */
export function FigureParts({ part: Part }: { part: ComponentType<PartProps> }) {
  const [chosen, choose] = useState<ChosenRange>({
    range: 'custom',
    from: '2026-11-10',
    to: '2026-11-01',
  })
  const days = toDays(chosen, { now: new Date(), timeZone: 'UTC' })
  return (
    <>
      <Part title="Figures">
        <DateRange value={chosen} isWrong={days === null} onChange={choose} />
        <StatTiles label="Figures">
          <StatTile label="Calls" value="1,204" note="60 hours" />
          <StatTile label="Margin" value="Unknown" note="No call whose cost is known" />
          <StatTile label="Organizations" value="128" href="#figures" />
        </StatTiles>
        <StatTileBones count={3} />
      </Part>
      <Part title="Charts">
        <Charts />
      </Part>
      <Part title="Change for a reason">
        <Change />
      </Part>
    </>
  )
}

function Charts() {
  const series = [
    { key: 'revenue', label: 'Revenue', tone: 'ok' as const },
    { key: 'cost', label: 'Cost', tone: 'warn' as const },
  ]
  const shared = { rowName: 'Day', format: String }
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <ChartPanel
        {...shared}
        kind="bar"
        title="Revenue per day"
        summary="Fourteen days."
        rows={rows}
        series={series.slice(0, 1)}
      />
      <ChartPanel
        {...shared}
        kind="line"
        title="Revenue and cost per day"
        summary="One cost is not known."
        rows={rows}
        series={series}
      />
      <ChartPanel
        {...shared}
        kind="bar"
        isStacked
        title="Calls per day by kind"
        summary="Fourteen days, two kinds."
        rows={rows}
        series={[
          { key: 'revenue', label: 'Agent calls', tone: 'step-1' },
          { key: 'cost', label: 'Practice calls', tone: 'step-3' },
        ]}
      />
      <ChartPanel
        {...shared}
        kind="bar"
        title="Nothing per day"
        summary="Nothing in these days."
        rows={[]}
        series={series}
      />
    </div>
  )
}

function Change() {
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Change the price</Button>
      <p>
        <ChangedBy
          actorId="1"
          people={new Map([['1', 'Sue Super']])}
          at={new Date('2026-11-01T10:00:00Z')}
          reason="New year"
        />
      </p>
      {isOpen && (
        <FormDialog
          title="Change the price"
          hint="Calls that run keep theirs."
          action="Change"
          isSending={false}
          failure={null}
          onSubmit={(event) => {
            event.preventDefault()
            close()
          }}
          onClose={close}
        >
          <WhenField error="This moment has passed already" register={() => ({})} />
          <ReasonField error={undefined} register={() => ({})} />
        </FormDialog>
      )}
    </>
  )
}
