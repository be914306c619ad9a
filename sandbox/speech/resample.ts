// Rational resampler: windowed-sinc polyphase FIR, its taps rounded to integers so that the output
// is the same bits on every machine.
const ZERO_CROSSINGS = 16
const TAP_SCALE = 1 << 15
const CUTOFF = 0.45 // of the lower of the two rates; the rest is the filter's slope
const MAX_PHASES = 1_000 // 22,050 to 8,000 needs 160; coprime rates would need thousands

type Plan = { up: number; down: number; phases: Int32Array[]; half: number }

const plans = new Map<string, Plan>()

export function resample(pcm: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return pcm
  const { up, down, phases, half } = planFor(from, to)
  const out = new Int16Array(Math.ceil((pcm.length * up) / down))
  for (let i = 0; i < out.length; i++) {
    const position = i * down
    const first = Math.floor(position / up) - half + 1
    const taps = phases[position % up]!
    let sum = 0
    for (let k = Math.max(0, -first); k < 2 * half && first + k < pcm.length; k++)
      sum += pcm[first + k]! * taps[k]!
    out[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum / TAP_SCALE)))
  }
  return out
}

function planFor(from: number, to: number): Plan {
  const key = `${from}/${to}`
  const known = plans.get(key)
  if (known) return known
  const divisor = greatestCommonDivisor(from, to)
  const up = to / divisor
  if (up > MAX_PHASES) throw new RangeError(`cannot resample ${from} Hz to ${to} Hz`)
  const cutoff = CUTOFF * Math.min(1, to / from) * 2 // relative to the input's Nyquist frequency
  const half = Math.ceil(ZERO_CROSSINGS / cutoff)
  const phases = Array.from({ length: up }, (_, p) => tapsFor(p / up, half, cutoff))
  const made = { up, down: from / divisor, phases, half }
  plans.set(key, made)
  return made
}

function tapsFor(offset: number, half: number, cutoff: number): Int32Array {
  const taps = new Float64Array(2 * half)
  let sum = 0
  for (let k = 0; k < taps.length; k++) {
    const x = k - half + 1 - offset
    const t = x / half
    const window = Math.abs(t) >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * t)
    const y = Math.PI * x * cutoff
    taps[k] = (Math.abs(y) < 1e-12 ? 1 : Math.sin(y) / y) * window
    sum += taps[k]!
  }
  return Int32Array.from(taps, (tap) => Math.round((tap / sum) * TAP_SCALE))
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
