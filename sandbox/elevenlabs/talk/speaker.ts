import type { PhraseBook } from '../../speech/book.ts'
import type { Utterance } from '../../speech/utterance.ts'
import type { Turn } from '../store.ts'
import { addTurn, type Desk } from './desk.ts'
import { type Chunk, Mouth } from './mouth.ts'

export type SpeakerOptions = {
  desk: Desk
  book: PhraseBook
  chunkMs: number
  chunkEveryMs: number
  onChunk: (chunk: Chunk) => void
  onSpoken: () => void
  onBroken: (why: string) => void
}

const MAX_OPEN = 20 // answers that can be waiting to be heard; older ones have been played

/** The agent's turns: text, then audio, one after the other; an interruption ends what was begun. */
export class Speaker {
  voice = ''
  readonly #options: SpeakerOptions
  readonly #mouth: Mouth
  #queue: Promise<void> = Promise.resolve()
  /** Grows with every interruption: what was begun before it is no longer said. */
  #epoch = 0
  #open: { utterance: Utterance; turn: Turn; text: string; eventId: number }[] = []

  constructor(options: SpeakerOptions) {
    const { desk, chunkMs, chunkEveryMs, onChunk } = options
    this.#options = options
    this.#mouth = new Mouth({ now: () => desk.nowMs(), chunkMs, chunkEveryMs, send: onChunk })
  }

  get isPlaying(): boolean {
    return this.#mouth.isPlaying()
  }

  get playingUntilMs(): number {
    return this.#mouth.playingUntilMs
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Resolves when the last byte is out, or the speech was cut. */
  say(text: string): Promise<void> {
    const epoch = this.#epoch
    this.#queue = this.#queue.then(async () => {
      if (epoch !== this.#epoch) return
      try {
        await this.#sayNow(text, epoch)
      } catch (error) {
        this.#options.onBroken(error instanceof Error ? error.message : String(error))
      }
    })
    return this.#queue
  }

  async #sayNow(text: string, epoch: number): Promise<void> {
    const { desk, book, onSpoken } = this.#options
    const eventId = desk.nextId()
    const turn = addTurn(desk, { role: 'agent', message: text })
    desk.send('agent_response', { agent_response: text, event_id: eventId })
    if (!desk.conversation.text_only) {
      const utterance = await book.say(text, this.voice)
      if (epoch !== this.#epoch) return
      this.#open = [...this.#open, { utterance, turn, text, eventId }].slice(-MAX_OPEN)
      await this.#mouth.speak(utterance)
    }
    if (epoch === this.#epoch) onSpoken()
  }

  /** Nothing more of this is said; what had begun keeps the words that were heard. */
  interrupt(): void {
    this.stop()
    const cut = this.#mouth.cut()
    this.#options.desk.send('interruption', { event_id: this.#options.desk.nextId() })
    this.#correct(cut)
  }

  /** The listener is gone: what was still playing was not heard. */
  abandon(): void {
    this.stop()
    this.#correct(this.#mouth.cut())
  }

  stop(): void {
    this.#epoch++
  }

  #correct(cut: ReturnType<Mouth['cut']>): void {
    const { desk } = this.#options
    for (const { utterance, heardText } of cut) {
      const open = this.#open.findLast((candidate) => candidate.utterance === utterance)
      if (!open) continue
      const corrected = `${heardText}…`
      open.turn.interrupted = true
      open.turn.message = corrected
      open.turn.original_message = open.text
      desk.send('agent_response_correction', {
        original_agent_response: open.text,
        corrected_agent_response: corrected,
        event_id: open.eventId,
      })
    }
    this.#open = []
  }
}
