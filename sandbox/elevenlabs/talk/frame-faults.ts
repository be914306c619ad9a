import type { FaultAction } from '../../kit/faults.ts'

/** What a socket fault does to the frames the stand-in sends. */
export type FrameFaults = {
  /** Called before every frame; false keeps it back. */
  letThrough(): boolean
  audio(bytes: Uint8Array): Uint8Array
}

/** Frames of any kind count for close and silence, audio frames alone for flip; the first is 1. */
export function frameFaults(
  action: FaultAction | undefined,
  close: (code: number | undefined) => void,
): FrameFaults {
  let sent = 0
  let audioSent = 0
  return {
    letThrough() {
      if (action?.type === 'close' && sent >= action.afterFrames) {
        close(action.code)
        return false
      }
      if (action?.type === 'silence' && sent >= action.afterFrames) return false
      sent++
      return true
    },
    audio(bytes) {
      if (action?.type !== 'flip' || ++audioSent !== action.frame) return bytes
      const harmed = Uint8Array.from(bytes)
      const middle = harmed.length >> 1
      harmed[middle] = (harmed[middle] ?? 0) ^ 0x10
      return harmed
    },
  }
}
