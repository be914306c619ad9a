// The speaker of the softphone and its level meters.

const FLOOR_DB = -50 // quieter than this the meter shows nothing
const FALL = 0.82 // of the level, each frame: fast up, slow down, as eyes expect

/** Must be made in a click: browsers let no page make a sound before one. */
export async function makeSpeaker(onCounters) {
  const context = new AudioContext({ sampleRate: 8_000 })
  await context.audioWorklet.addModule('/player.js')
  const player = new AudioWorkletNode(context, 'phone-player', {
    numberOfInputs: 0,
    outputChannelCount: [2],
  })
  player.port.onmessage = ({ data }) => onCounters(data)
  player.connect(context.destination)
  return {
    play: (side, bytes) => player.port.postMessage({ side, bytes }),
    clear: () => player.port.postMessage({ clear: true }),
    mute: (isMuted) => (isMuted ? context.suspend() : context.resume()),
  }
}

/** Loudness of a mu-law frame, 0 to 1 on a scale of decibels. */
export function loudness(bytes) {
  let sum = 0
  for (const byte of bytes) {
    const u = ~byte & 255
    const magnitude = ((((u & 15) << 3) + 132) << ((u >> 4) & 7)) - 132
    sum += magnitude * magnitude
  }
  const db = 20 * Math.log10(Math.sqrt(sum / bytes.length) / 32_768 + 1e-9)
  return Math.max(0, Math.min(1, 1 - db / FLOOR_DB))
}

export function makeMeter(element) {
  const bar = element.firstElementChild
  let level = 0
  const draw = () => {
    bar.style.transform = `scaleX(${level.toFixed(3)})`
  }
  return {
    hear(bytes) {
      level = Math.max(loudness(bytes), level * FALL)
      draw()
    },
    rest() {
      level = 0
      draw()
    },
  }
}
