'use client'
import { useCallback } from 'react'
import { createRecordingLink, getPeaks } from '#contracts/recordings'
import { usePlayback } from '../../components/player/use-playback.ts'
import { useApi, useEndpoint } from '../../lib/api/use-endpoint.tsx'
import type { Call } from './call-status.ts'

/** A call's recording, ready to be played: nothing is fetched for a call without one. */
export function useRecording(call: Pick<Call, 'id' | 'recording'>, startMs = 0) {
  const api = useApi()
  const createLink = useCallback(async () => {
    const link = await api(createRecordingLink, { params: { callId: call.id } })
    return link.url
  }, [api, call.id])
  const playback = usePlayback({
    key: call.id,
    durationMs: call.recording?.durationMs ?? null,
    startMs,
    createLink,
  })
  const peaks = useEndpoint(
    getPeaks,
    { params: { callId: call.id } },
    // Peaks are computed once, when the recording is stored.
    { enabled: call.recording !== null, staleTime: Number.POSITIVE_INFINITY },
  )
  return { playback, peaks }
}
