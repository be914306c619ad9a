// The sandbox's speaking voice. JSON lines: first line out { ready }, then { id, text, voice, rate? }
// in and { id, rate, words, pcm } (PCM16, base64) or { id, error } out. Ends with its stdin.
import { createInterface } from 'node:readline'
import { resample } from '../../sandbox/speech/resample.ts'
import { loadEngine, type Render } from './engine.ts'

type Request = { id: number; text: string; voice: string; rate?: number }

const MAX_LINE_CHARACTERS = 100_000

let isBroken = false
const render = await loadEngine()
send({ ready: 'espeak' })
for await (const line of createInterface({ input: process.stdin })) {
  if (line.length > MAX_LINE_CHARACTERS) send({ id: 0, error: 'line too long' })
  else if (line.trim()) send(answer(line, render))
  if (isBroken) break // an engine that failed once fails for ever; whoever asks starts another
}
process.stdin.destroy()

function answer(line: string, speak: Render): object {
  let id = 0
  try {
    const request = JSON.parse(line) as Request
    id = request.id
    const { pcm, rate, words } = speak(request.text, request.voice)
    const wanted = request.rate ?? rate
    // Resampled here, because it would hold up the audio clock of the process that asked.
    const samples = resample(pcm, rate, wanted)
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    return { id, rate: wanted, words, pcm: bytes.toString('base64') }
  } catch (error) {
    isBroken = !(error instanceof RangeError || error instanceof SyntaxError)
    return { id, error: error instanceof Error ? error.message.slice(0, 300) : 'failed' }
  }
}

function send(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
