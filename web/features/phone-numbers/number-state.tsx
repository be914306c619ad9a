'use client'
import {
  BotOff,
  CircleCheck,
  CircleSlash,
  type LucideIcon,
  RefreshCw,
  TriangleAlert,
} from 'lucide-react'
import { useTranslations } from 'use-intl'
import { StatusChip, type Tone } from '../../components/status-chip.tsx'
import type { PhoneNumber } from './phone-number.ts'

type Look = { icon: LucideIcon; tone: Tone; isPulsing?: true }

const working: Look = { icon: RefreshCw, tone: 'brand', isPulsing: true }
const looks = {
  importing: working,
  changing: working,
  releasing: working,
  released: { icon: CircleSlash, tone: 'neutral' },
  failed: { icon: TriangleAlert, tone: 'bad' },
  drifted: { icon: TriangleAlert, tone: 'warn' },
  no_agent: { icon: BotOff, tone: 'warn' },
  agent_not_ready: { icon: BotOff, tone: 'warn' },
  active: { icon: CircleCheck, tone: 'ok' },
} satisfies Record<string, Look>

/** How a number is, the most urgent news first. */
function stateOf({ state, health }: PhoneNumber): keyof typeof looks {
  if (state !== 'active') return state
  return health === 'drifted' || health === 'no_agent' || health === 'agent_not_ready'
    ? health
    : 'active'
}

/** The state as icon and word; where it failed, the vendor's own words. */
export function NumberState({ number, isBrief }: { number: PhoneNumber; isBrief?: boolean }) {
  const t = useTranslations('numbers')
  const key = stateOf(number)
  return (
    <>
      <StatusChip
        {...looks[key]}
        label={t(`states.${key}`)}
        className="@max-lg:whitespace-normal!"
      />
      {!isBrief && number.error && (
        <span className="line-clamp-2 max-w-72 break-words text-soft text-xs">
          {number.error.message}
        </span>
      )}
    </>
  )
}
