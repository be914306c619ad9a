import type { FaultAction } from '../kit/faults.ts'

const HARMED_FRAME = 25 // half a second in, when somebody is likely to be speaking
const RESET = 'reset'
const UNSENDABLE_CODES = [1004, 1005, 1006] // they mean that no code was sent

/** One fault of a media socket, applied to the frames that go to the product. */
export class FrameFault {
  readonly action: FaultAction | undefined
  #frames = 0
  #bytes = 0
  #held: Uint8Array | undefined

  constructor(action: FaultAction | undefined) {
    this.action = action
  }

  sent(bytes: number): void {
    this.#bytes += bytes
  }

  /** What goes out in place of this frame. */
  frames(frame: Uint8Array): Uint8Array[] {
    const n = ++this.#frames
    const { action } = this
    if (action?.type === 'silence') return n > action.afterFrames ? [] : [frame]
    if (action?.type === 'flip') return [n === action.frame ? flipped(frame) : frame]
    if (action?.type === 'lose') return n === HARMED_FRAME ? [] : [frame]
    if (action?.type === 'duplicate') return n === HARMED_FRAME ? [frame, frame] : [frame]
    if (action?.type === 'reorder') return this.#swapped(n, frame)
    return [frame]
  }

  /** The code to close with, or that the connection is to be reset. */
  closesNow(): number | typeof RESET | undefined {
    const { action } = this
    if (action?.type === 'close' && this.#frames === action.afterFrames)
      return UNSENDABLE_CODES.includes(action.code ?? 0) ? RESET : (action.code ?? 1011)
    if (action?.type === 'reset' && this.#bytes >= action.afterBytes) return RESET
    return undefined
  }

  #swapped(n: number, frame: Uint8Array): Uint8Array[] {
    if (n === HARMED_FRAME) {
      this.#held = frame
      return []
    }
    const held = this.#held
    this.#held = undefined
    return held ? [frame, held] : [frame]
  }
}

function flipped(frame: Uint8Array): Uint8Array {
  const copy = frame.slice()
  const middle = copy.length >> 1
  copy[middle] = copy[middle]! ^ 4
  return copy
}
