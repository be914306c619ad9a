// Client of the espeak-ng child program. The program is kept in its own process for two reasons: its
// licence is another one, and rendering blocks, which would disturb the 20 ms pumps.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SAMPLE_RATE } from './mulaw.ts'
import type { RawSpeech, SpeechEngine } from './utterance.ts'

type Answer =
  | { ready: string }
  | { id: number; rate: number; words: RawSpeech['words']; pcm: string }
  | { id: number; error: string }

type Waiting = { resolve: (speech: RawSpeech) => void; reject: (error: Error) => void }

const PROGRAM = fileURLToPath(new URL('../../scripts/voice-espeak/program.ts', import.meta.url))
const START_MS = 20_000 // 0.3 s when idle; a loaded machine reads 24 MB slowly
const RENDER_MS = 30_000 // 20 ms a sentence when idle
const MAX_WAITING = 500 // the renders queue up in the child; more is a runaway loop
const MAX_RESTARTS = 10 // a child that dies more often will die again
const MAX_STDERR_CHARACTERS = 300 // an abort of the engine prints its whole 800 kB source line

export type EspeakEngine = SpeechEngine & {
  readonly pid: number | undefined
  close(): Promise<void>
}

/**
 * `rate` is what the child resamples to: the line's, unless a test wants the engine's own. A child
 * that died is replaced when the next text is to be spoken; the same text still gives the same bytes.
 */
export async function espeakEngine(rate?: number | 'native'): Promise<EspeakEngine> {
  const wanted = rate === 'native' ? undefined : (rate ?? SAMPLE_RATE)
  let voice = await startVoice(wanted)
  let starting: Promise<EspeakVoice> | undefined
  let restarts = 0
  let isClosed = false

  const replaced = async () => {
    if (++restarts > MAX_RESTARTS) throw new Error('espeak-ng died too often')
    voice = await startVoice(wanted)
    return voice
  }
  const living = () => {
    if (!voice.isDead || isClosed) return voice
    starting ??= replaced().finally(() => {
      starting = undefined
    })
    return starting
  }
  return {
    name: 'espeak',
    get pid() {
      return voice.pid
    },
    render: async (text, how) => (await living()).render(text, how),
    close: async () => {
      isClosed = true
      await starting?.catch(() => undefined) // it did not start, so there is nothing more to end
      await voice.close()
    },
  }
}

async function startVoice(rate: number | undefined): Promise<EspeakVoice> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] })
  const voice = new EspeakVoice(child, rate)
  try {
    await voice.started
  } catch (error) {
    await voice.close()
    throw error
  }
  return voice
}

class EspeakVoice {
  readonly started: Promise<void>
  readonly #child: ChildProcess
  readonly #rate: number | undefined
  readonly #exited: Promise<void>
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  #lastWords = ''
  #dead: Error | undefined

  constructor(child: ChildProcess, rate: number | undefined) {
    this.#child = child
    this.#rate = rate
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.started = promise
    const slow = setTimeout(() => reject(new Error('espeak-ng did not start in time')), START_MS)
    promise.then(
      () => clearTimeout(slow),
      () => clearTimeout(slow),
    )
    this.#exited = new Promise((gone) => {
      const end = (why: string) => {
        this.#dead ??= new Error(this.#lastWords ? `${why}: ${this.#lastWords}` : why)
        reject(this.#dead)
        for (const waiting of this.#waiting.values()) waiting.reject(this.#dead)
        this.#waiting.clear()
        gone()
      }
      child.once('error', (error) => end(error.message))
      child.once('close', () => end('the voice program ended'))
    })
    // A write to a child that has just died fails here too; `close` then tells everybody who waits.
    child.stdin?.on('error', (error) => this.#remember(error.message))
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => this.#answered(line, resolve))
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', (line) => this.#remember(line))
  }

  get isDead(): boolean {
    return this.#dead !== undefined
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  render(text: string, voice: string): Promise<RawSpeech> {
    if (this.#dead) return Promise.reject(this.#dead)
    if (this.#waiting.size >= MAX_WAITING)
      return Promise.reject(new RangeError(`more than ${MAX_WAITING} texts wait for the voice`))
    const id = this.#nextId++
    const { promise, resolve, reject } = Promise.withResolvers<RawSpeech>()
    const slow = setTimeout(() => {
      this.#waiting.delete(id)
      reject(new Error('espeak-ng took too long'))
    }, RENDER_MS)
    this.#waiting.set(id, {
      resolve: (speech) => {
        clearTimeout(slow)
        resolve(speech)
      },
      reject: (error) => {
        clearTimeout(slow)
        reject(error)
      },
    })
    this.#child.stdin?.write(`${JSON.stringify({ id, text, voice, rate: this.#rate })}\n`)
    return promise
  }

  async close(): Promise<void> {
    this.#dead ??= new Error('the voice was closed')
    this.#child.stdin?.end()
    this.#child.kill()
    await this.#exited
  }

  #answered(line: string, ready: () => void): void {
    const answer = JSON.parse(line) as Answer // our own program writes these lines
    if ('ready' in answer) {
      ready()
      return
    }
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('error' in answer) {
      waiting?.reject(new Error(`espeak-ng: ${answer.error}`))
      return
    }
    const bytes = Buffer.from(answer.pcm, 'base64')
    const pcm = new Int16Array(bytes.length / 2)
    for (let i = 0; i < pcm.length; i++) pcm[i] = bytes.readInt16LE(2 * i)
    waiting?.resolve({ pcm, rate: answer.rate, words: answer.words })
  }

  #remember(line: string): void {
    this.#lastWords = line.slice(0, MAX_STDERR_CHARACTERS)
  }
}
