'use client'
import type { ComponentType } from 'react'
import type { Turn } from '#contracts/transcripts'
import { Player } from '../../../components/player/player.tsx'
import { usePlayback } from '../../../components/player/use-playback.ts'
import { Transcript } from '../../../components/transcript/transcript.tsx'
import type { PartProps } from './gallery.tsx'

const DURATION_MS = 60_000

const peaks = {
  durationMs: DURATION_MS,
  perSecond: 10,
  agent: wave((second) => second % 20 < 10),
  customer: wave((second) => second % 20 >= 11),
}

const turns: Turn[] = [
  turn(0, 'agent', 'Northwind Dental, good morning. How can I help you?'),
  turn(1, 'customer', 'I chipped a tooth last night. Can I come in today?'),
  {
    ...turn(2, 'agent', 'Of course. We have half past eleven or a quarter to four'),
    heard: 'cut',
    heardText: 'Of course. We have half past eleven',
  },
  { ...turn(3, 'agent', 'Which one suits you?'), heard: 'never_played' },
  turn(4, 'rep', 'Let me take over from here.'),
]

/** The player and the transcript in step, on a recording that cannot be fetched: Play shows its failure. */
export function SoundParts({ part: Part }: { part: ComponentType<PartProps> }) {
  const playback = usePlayback({
    key: 'gallery',
    durationMs: DURATION_MS,
    startMs: 25_000,
    createLink: () => Promise.reject(new Error('There is no recording here.')),
  })
  if (!playback) return null
  return (
    <>
      <Part title="Player">
        <Player playback={playback} peaks={peaks} />
      </Part>
      <Part title="Transcript">
        <div className="flex h-96 flex-col">
          <Transcript turns={turns} playback={playback} />
        </div>
      </Part>
    </>
  )
}

function wave(isLoud: (second: number) => boolean): number[] {
  return Array.from({ length: 600 }, (_, index) =>
    isLoud(index / 10) ? 0.3 + 0.5 * Math.abs(Math.sin(index * 1.7)) : 0.01,
  )
}

function turn(seq: number, speaker: Turn['speaker'], text: string): Turn {
  const startMs = seq * 12_000
  return { seq, speaker, text, heard: 'heard', heardText: null, startMs, endMs: startMs + 10_000 }
}
