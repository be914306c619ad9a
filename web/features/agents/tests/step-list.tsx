'use client'
import {
  Bot,
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CircleX,
  type LucideIcon,
  ReceiptText,
  UserRound,
} from 'lucide-react'
import Link from 'next/link'
import { Fragment, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { stepKindOf, type TestStep } from '#api/contract/agent-test.ts'
import { standingChecks } from '#contracts/agent-tests'
import { classes } from '../../../lib/classes.ts'
import { useFormat } from '../../../lib/intl/use-format.tsx'
import { paths } from '../../../lib/paths.ts'
import { actorOf } from './step-kinds.ts'
import { isUnfinished, type StepResult, type TestRunDetail } from './test-types.ts'
import { useStepWords } from './use-step-words.ts'

const actorIcons = { caller: UserRound, agent: Bot, call: ReceiptText }
const outcomes = {
  passed: { icon: CircleCheck, tone: 'text-ok', key: 'passed' },
  failed: { icon: CircleX, tone: 'text-bad', key: 'failedStep' },
  skipped: { icon: CircleMinus, tone: 'text-soft', key: 'skipped' },
  open: { icon: CircleDashed, tone: 'text-soft', key: 'open' },
} as const

type Props = {
  steps: readonly TestStep[]
  /** What was seen of them; by themselves the steps only say what is to be. */
  run?: TestRunDetail
}

/** The steps in order: what each expects, and beside a run what was seen in its place. */
export function StepList({ steps, run }: Props) {
  const t = useTranslations('agentTests')
  const wordsFor = useStepWords()
  const resultOf = (place: number) => run?.results.find(({ step }) => step === place)
  const standing = (run?.results ?? []).filter(({ step }) => step === null)
  return (
    <>
      <ol
        aria-label={run ? t('result.steps') : t('editor.steps')}
        className="divide-y divide-line rounded-card border border-line bg-panel"
      >
        {steps.map((step, place) => {
          const kind = stepKindOf(step)
          return (
            <Line
              // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place.
              key={place}
              number={place + 1}
              icon={actorIcons[actorOf(kind)]}
              title={t(`kinds.${kind}`)}
              words={wordsFor(step)}
              {...(run && { run, result: resultOf(place) })}
            />
          )
        })}
      </ol>
      {run && standing.length > 0 && (
        <section aria-label={t('result.checks')} className="space-y-2">
          <h4 className="text-soft text-xs">{t('result.checks')}</h4>
          <ul className="divide-y divide-line rounded-card border border-line bg-panel">
            {standingChecks.map((check) => {
              const result = standing.find((each) => each.check === check)
              if (!result) return null
              return (
                <Line
                  key={check}
                  icon={ReceiptText}
                  title={t(`kinds.${check}`)}
                  words={[]}
                  run={run}
                  result={result}
                />
              )
            })}
          </ul>
        </section>
      )}
    </>
  )
}

function Line(props: {
  number?: number
  icon: LucideIcon
  title: string
  words: readonly string[]
  run?: TestRunDetail
  result?: StepResult | undefined
}) {
  const Icon = props.icon
  const { number, run, result } = props
  return (
    <li className="flex gap-2.5 px-3 py-2">
      {run && <Outcome run={run} result={result} />}
      {number !== undefined && (
        <span className="w-5 shrink-0 text-right text-soft tabular-nums">{number}</span>
      )}
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-soft" />
      <div className="min-w-0 grow">
        <p className="break-words">
          <span className="font-medium">{props.title}</span>
          {props.words.map((part, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence.
            <Fragment key={place}>
              {props.words.length === 1 ? ' ' : <br />}
              {part}
            </Fragment>
          ))}
        </p>
        {result && <Seen result={result} />}
      </div>
      {run?.callId && result?.atMs !== null && result !== undefined && (
        <MomentLink callId={run.callId} atMs={result.atMs} />
      )}
    </li>
  )
}

function Outcome({ run, result }: { run: TestRunDetail; result: StepResult | undefined }) {
  const t = useTranslations('agentTests.result')
  // Of a run that broke off, the rest was not done.
  const outcome = result?.outcome ?? (isUnfinished(run.state) ? 'open' : 'skipped')
  const { icon: Icon, tone, key } = outcomes[outcome]
  return (
    <span title={t(key)} className="shrink-0">
      <Icon aria-hidden className={classes('mt-0.5 size-4', tone)} />
      <span className="sr-only">{t(key)}</span>
    </span>
  )
}

/** What was seen in the place of what was expected; of what passed only what tells something. */
function Seen({ result }: { result: StepResult }) {
  const t = useTranslations('agentTests')
  const measured = useMeasured(result)
  const ending = useEndingText(result)
  const { code, seen, outcome } = result
  if (outcome === 'skipped') return null
  const parts: ReactNode[] = [
    code && <span className="text-bad">{t(`codes.${code}`)}</span>,
    seen && (
      <>
        {t('result.seen')}{' '}
        {ending ? (
          <span className="text-ink">{ending}</span>
        ) : (
          <q className="whitespace-pre-line text-ink">{seen}</q>
        )}
      </>
    ),
    measured && <span className="tabular-nums">{t('result.measured', { value: measured })}</span>,
  ].filter(Boolean)
  if (parts.length === 0) return null
  return (
    <p className="break-words text-soft">
      {parts.map((part, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence.
        <Fragment key={place}>
          {place > 0 && ' '}
          {part}
        </Fragment>
      ))}
    </p>
  )
}

/** How the call ended, where that is what was seen. */
function useEndingText({ check, code, seen }: StepResult): string | null {
  const t = useTranslations('calls.reasons')
  if (!seen || (check !== 'callEnds' && code !== 'call_over')) return null
  // Codes hold dots, which separate keys in messages, so they are written with underscores there.
  const key = seen.replaceAll(/[.-]/g, '_') as Parameters<typeof t>[0]
  return t.has(key) ? t(key) : null
}

const ABOUT_MONEY: readonly StepResult['check'][] = [
  'chargeAtMost',
  'chargeCorrect',
  'ledgerBalanced',
]

function useMeasured({ check, measured }: StepResult): string | null {
  const t = useTranslations('agentTests.told')
  const format = useFormat()
  if (measured === null) return null
  if (ABOUT_MONEY.includes(check)) return format.money(measured)
  return t('ms', { ms: measured })
}

/** Leads to the call's recording at the moment that was looked at. */
function MomentLink({ callId, atMs }: { callId: string; atMs: number }) {
  const t = useTranslations('agentTests.result')
  const format = useFormat()
  const second = Math.floor(atMs / 1_000)
  const time = format.duration(second)
  return (
    <Link
      href={paths.call(callId, { t: `${second}` })}
      aria-label={t('listen', { time })}
      title={t('listen', { time })}
      className="-mt-0.5 inline-flex h-6 shrink-0 items-center text-brand tabular-nums hover:underline"
    >
      {time}
    </Link>
  )
}
