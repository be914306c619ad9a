'use client'
import { useTranslations } from 'use-intl'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialog.tsx'
import { useFormat } from '../../../lib/intl/use-format.tsx'
import { type FileFault, MOST_BYTES, type ReadFile } from './test-file.ts'
import { useFaultWords } from './use-fault-words.ts'

const MOST_SHOWN = 20 // A file of another kind is wrong everywhere; these will do.

type Faulty = Extract<ReadFile, { is: 'faulty' }>

/** What is wrong with a file that was to be a test, each fault under the step as it is written there. */
export function FileFaults(props: {
  name: string
  read: Exclude<ReadFile, { is: 'test' }>
  onClose(): void
}) {
  const t = useTranslations('agentTests.file')
  const format = useFormat()
  const { name, read, onClose } = props
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('title')}
      hint={t('named', { file: name })}
      isWide
      actions={<Button onClick={onClose}>{t('close')}</Button>}
    >
      <div className="mt-4 space-y-3">
        {read.is === 'too_large' && <p>{t('tooLarge', { size: format.size(MOST_BYTES) })}</p>}
        {read.is === 'unreadable' && <p>{t('unreadable')}</p>}
        {read.is === 'not_json' && <p>{t('notJson', { why: read.why })}</p>}
        {read.is === 'faulty' && <Faults read={read} />}
      </div>
    </Dialog>
  )
}

function Faults({ read }: { read: Faulty }) {
  const t = useTranslations('agentTests.file')
  const { steps } = read
  const faults = read.faults.slice(0, MOST_SHOWN)
  const left = read.faults.length - faults.length
  const places = [...new Set(faults.map(({ place }) => place))]
  const wrong = new Set(read.faults.flatMap(({ place }) => (place === null ? [] : [place]))).size
  return (
    <>
      <ol className="space-y-3">
        {places.map((place) => (
          <li key={place ?? 'whole'} className="rounded-card border border-line px-3 py-2">
            <p className="font-medium">
              {place === null ? t('whole') : t('step', { number: place + 1 })}
            </p>
            {place !== null && (
              <pre className="mt-1 whitespace-pre-wrap break-all text-soft text-xs">
                {JSON.stringify(steps[place])}
              </pre>
            )}
            <ul className="mt-1 text-bad">
              {faults
                .filter((fault) => fault.place === place)
                .map((fault) => (
                  <Fault key={`${fault.field} ${fault.issue.message}`} fault={fault} />
                ))}
            </ul>
          </li>
        ))}
      </ol>
      {left > 0 && <p className="text-soft">{t('more', { count: left })}</p>}
      {steps.length > wrong && (
        <p className="text-soft">{t('fine', { count: steps.length - wrong })}</p>
      )}
    </>
  )
}

function Fault({ fault }: { fault: FileFault }) {
  const t = useTranslations('agentTests.file')
  const wordsFor = useFaultWords()
  const { field, kind, issue } = fault
  return (
    <li>
      {field && <span className="font-medium">{t('field', { field })}: </span>}
      {wordsFor({ kind, issue })}
    </li>
  )
}
