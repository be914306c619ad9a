// The telephone in a browser: what its sound thread does. Mu-law at 8 kHz, frames of 20 ms, as a carrier has them.
// A plain script, since the sound thread loads it by its address.

const PHONE_RATE = 8_000
const FRAME_SAMPLES = 160
const SLACK_BLOCKS = 5 // of 16 ms, gathered before speech starts: what the network may be uneven by
const MAX_QUEUED = 4_800_000 // ten minutes; a gateway that sends more than that ahead is not ours

const DECODED = new Float32Array(256)
for (let code = 0; code < 256; code++) {
  const u = ~code & 255
  const magnitude = ((((u & 15) << 3) + 132) << ((u >> 4) & 7)) - 132
  DECODED[code] = (u & 128 ? -magnitude : magnitude) / 32_768
}

/** One sample, -1 to 1, as G.711 mu-law. */
function encode(sample) {
  const clipped = Math.max(-1, Math.min(1, sample)) * 32_767
  const sign = clipped < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(Math.round(clipped)), 32_635) + 132
  const exponent = Math.max(0, 24 - Math.clz32(magnitude))
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

/** Plays what comes in order and without gaps, and says of each mark when what stood before it was heard. */
class PhoneSpeaker extends AudioWorkletProcessor {
  constructor() {
    super()
    this.queue = []
    this.at = 0
    this.waiting = 0
    this.isPlaying = false
    this.heldBlocks = 0
    this.port.onmessage = ({ data }) => {
      if (data.clear) this.clear()
      else if (data.mark !== undefined) this.mark(data.mark)
      else this.add(data.bytes)
    }
  }

  add(bytes) {
    if (this.waiting + bytes.length > MAX_QUEUED) return
    this.queue.push({ bytes })
    this.waiting += bytes.length
  }

  mark(name) {
    if (this.waiting === 0) this.port.postMessage({ mark: name })
    else this.queue.push({ mark: name })
  }

  /** Silence at once; the marks of what was not heard come back all the same, as a carrier sends them. */
  clear() {
    for (const { mark } of this.queue) if (mark !== undefined) this.port.postMessage({ mark })
    this.queue = []
    this.at = 0
    this.waiting = 0
    this.heldBlocks = 0
    this.isPlaying = false
  }

  /** The next sample; undefined where nothing waits. */
  next() {
    for (;;) {
      const first = this.queue[0]
      if (first === undefined) return undefined
      if (first.mark !== undefined) {
        this.port.postMessage({ mark: first.mark })
        this.queue.shift()
      } else if (this.at < first.bytes.length) {
        this.waiting--
        return DECODED[first.bytes[this.at++]]
      } else {
        this.queue.shift()
        this.at = 0
      }
    }
  }

  process(_inputs, [[out]]) {
    if (!this.isPlaying && this.waiting > 0 && ++this.heldBlocks > SLACK_BLOCKS) {
      this.isPlaying = true
      this.heldBlocks = 0
    }
    for (let index = 0; index < out.length; index++) {
      const sample = this.isPlaying ? this.next() : undefined
      if (sample === undefined) this.isPlaying = false
      out[index] = sample ?? 0
    }
    if (this.queue.length > 0 && this.waiting === 0) this.next()
    return true
  }
}

/** Brings the microphone to 8 kHz and sends it on in frames. What is above half of that was filtered out before. */
class PhoneMicrophone extends AudioWorkletProcessor {
  constructor() {
    super()
    this.step = sampleRate / PHONE_RATE
    this.position = 0
    this.last = 0
    this.frame = new Uint8Array(FRAME_SAMPLES)
    this.filled = 0
  }

  process([[heard]]) {
    // Without a source there is silence, and time goes on.
    const samples = heard ?? new Float32Array(128)
    while (this.position < samples.length) {
      const index = Math.floor(this.position)
      const before = index === 0 ? this.last : samples[index - 1]
      const share = this.position - index
      this.take(before + (samples[index] - before) * share)
      this.position += this.step
    }
    this.position -= samples.length
    this.last = samples[samples.length - 1]
    return true
  }

  take(sample) {
    this.frame[this.filled++] = encode(sample)
    if (this.filled < FRAME_SAMPLES) return
    this.port.postMessage({ frame: this.frame })
    this.frame = new Uint8Array(FRAME_SAMPLES)
    this.filled = 0
  }
}

registerProcessor('phone-speaker', PhoneSpeaker)
registerProcessor('phone-microphone', PhoneMicrophone)

// A module, as the sound thread takes it.
export {}
