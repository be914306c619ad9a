'use client'
import { Pause, Play } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { getVoiceSample } from '#contracts/agents'
import { IconButton } from '../../components/icon-button.tsx'
import { toast } from '../../components/toast.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import type { Voice } from './agent-types.ts'

type State = 'resting' | 'loading' | 'playing'

/** Plays a voice's sample; nothing where there is none. One sounds at a time, and none once the list is left. */
export function VoiceSample({ voice }: { voice: Voice }) {
  const t = useTranslations('agents.voice')
  const api = useApi()
  const [state, setState] = useState<State>('resting')
  const sample = useRef<Sample | null>(null)
  useEffect(() => () => sample.current?.end(), [])
  const { voiceId, name, hasSample } = voice
  if (!hasSample) return null

  const play = async () => {
    const mine = beginSample(() => setState('resting'))
    sample.current = mine
    setState('loading')
    try {
      const bytes = await api.download(getVoiceSample, { params: { voice: voiceId } })
      if (await mine.play(bytes)) setState('playing')
    } catch {
      // Whatever it was, the sample is not heard; the voice can be chosen all the same.
      mine.end()
      toast(t('sampleFailed', { name }))
    }
  }
  const isResting = state === 'resting'
  return (
    <IconButton
      label={t(isResting ? 'playNamed' : 'pauseNamed', { name })}
      onClick={() => (isResting ? void play() : sample.current?.end())}
      className="relative z-10"
    >
      {isResting ? (
        <Play aria-hidden className="size-4" />
      ) : (
        <Pause
          aria-hidden
          className={state === 'loading' ? 'size-4 animate-pulse-slow' : 'size-4'}
        />
      )}
    </IconButton>
  )
}

type Sample = { play(bytes: Blob): Promise<boolean>; end(): void }

let sounding: Sample | null = null

/** Ends the sample before and takes its place; `onEnd` is told once, however this one ends. */
function beginSample(onEnd: () => void): Sample {
  sounding?.end()
  const audio = new Audio()
  let isOver = false
  const sample: Sample = {
    async play(bytes) {
      if (isOver) return false
      audio.src = URL.createObjectURL(bytes)
      audio.onended = sample.end
      await audio.play()
      return !isOver
    },
    end() {
      if (isOver) return
      isOver = true
      audio.pause()
      if (audio.src) URL.revokeObjectURL(audio.src)
      if (sounding === sample) sounding = null
      onEnd()
    },
  }
  sounding = sample
  return sample
}
