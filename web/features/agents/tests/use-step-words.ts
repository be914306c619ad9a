'use client'
import { useTranslations } from 'use-intl'
import type { TestStep } from '#api/contract/agent-test.ts'
import { useFormat } from '../../../lib/intl/use-format.tsx'

/** What a step says beside its kind, in lines: words as they were written, times and money as people read them. */
export function useStepWords(): (step: TestStep) => string[] {
  const t = useTranslations('agentTests.told')
  const fields = useTranslations('agentTests.fields')
  const format = useFormat()
  const time = (ms: number) =>
    ms < SECOND_MS ? t('ms', { ms }) : t('seconds', { seconds: ms / SECOND_MS })
  return (step) => {
    if ('says' in step) return [t('quote', { words: step.says })]
    if ('interrupts' in step) {
      return joined(
        t('quote', { words: step.interrupts }),
        t('after', { time: time(step.afterMs) }),
      )
    }
    if ('presses' in step) return [step.presses]
    if ('waits' in step) return [t('for', { time: time(step.waits) })]
    if ('agentSays' in step) {
      const phrases = [step.agentSays].flat().map((words) => t('quote', { words }))
      return joined(...phrases, t('within', { time: time(step.withinMs) }))
    }
    if ('toolCalled' in step) {
      return joined(step.toolCalled, t('within', { time: time(step.withinMs) }))
    }
    if ('gapAtMost' in step) return [t('within', { time: time(step.gapAtMost) })]
    if ('agentStops' in step || 'callEnds' in step) {
      return [t('within', { time: time(step.withinMs) })]
    }
    if ('transcript' in step) {
      return step.transcript.map((line) =>
        'caller' in line
          ? t('said', { speaker: fields('caller'), words: line.caller })
          : t('said', { speaker: fields('agent'), words: line.agent }),
      )
    }
    if ('chargeAtMost' in step) return [format.money(step.chargeAtMost)]
    return []
  }
}

const SECOND_MS = 1_000
const joined = (...parts: string[]): string[] => [parts.join(', ')]
