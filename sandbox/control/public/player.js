// Plays both sides of a call: two rings of mu-law at 8 kHz, the caller on the left, the agent on the right.

const SLACK_SAMPLES = 960 // 120 ms: with half of it a busy machine runs dry
const RING_SAMPLES = 8_000 * 30 // what a tab in the background may fall behind
const MAX_DELAY_SAMPLES = 8_000 // a second behind is no longer a conversation: skip to what is new
const CATCH_UP_SAMPLES = 2 * SLACK_SAMPLES // from here on silence is skipped, so a late page is on time again
const REPORT_BLOCKS = 50

const DECODED = new Float32Array(256)
for (let code = 0; code < 256; code++) {
  const u = ~code & 255
  const magnitude = ((((u & 15) << 3) + 132) << ((u >> 4) & 7)) - 132
  DECODED[code] = (u & 128 ? -magnitude : magnitude) / 32_768
}

class Side {
  constructor() {
    this.ring = new Float32Array(RING_SAMPLES)
    this.read = 0
    this.written = 0
    this.isPlaying = false
  }

  push(bytes) {
    if (this.written - this.read > CATCH_UP_SAMPLES && bytes.every((byte) => byte === 0xff)) return
    for (const byte of bytes) this.ring[this.written++ % RING_SAMPLES] = DECODED[byte]
    if (this.written - this.read > MAX_DELAY_SAMPLES) this.read = this.written - SLACK_SAMPLES
  }

  clear() {
    this.read = this.written
    this.isPlaying = false
  }

  /** Fills the block; answers whether it ran dry in the middle of playing. */
  play(out) {
    if (!this.isPlaying && this.written - this.read >= SLACK_SAMPLES) this.isPlaying = true
    if (!this.isPlaying) return false
    for (let i = 0; i < out.length; i++) {
      if (this.read === this.written) {
        this.isPlaying = false
        return true
      }
      out[i] = this.ring[this.read++ % RING_SAMPLES]
    }
    return false
  }
}

class PhonePlayer extends AudioWorkletProcessor {
  constructor() {
    super()
    this.sides = [new Side(), new Side()]
    this.underruns = 0
    this.blocks = 0
    this.port.onmessage = ({ data }) => {
      if (data.clear) for (const side of this.sides) side.clear()
      else this.sides[data.side].push(data.bytes)
    }
  }

  process(_inputs, [output]) {
    for (const [n, side] of this.sides.entries()) if (side.play(output[n])) this.underruns++
    if (++this.blocks % REPORT_BLOCKS === 0) {
      const waiting = this.sides.map((side) => side.written - side.read)
      this.port.postMessage({ underruns: this.underruns, waitingMs: Math.max(...waiting) / 8 })
    }
    return true
  }
}

registerProcessor('phone-player', PhonePlayer)
