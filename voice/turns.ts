import type { Turn } from './bridge-types.ts'
import type { PlaybackOwner } from './playback.ts'

// After its last mark an utterance may go on: the vendor's next chunk can come late.
const SETTLE_MS = 750
// ElevenLabs sends the correction within a second of the interruption; without it our own estimate stands.
const CORRECTION_MS = 1_500
// Text whose audio never came, or audio whose text never came.
const INCOMPLETE_MS = 10_000
const MAX_OPEN_TURNS = 32 // far more than a conversation leaves open; the oldest is closed as it is
const MAX_HISTORY = 40 // turns that a new conversation is told after a reconnect
// No voice of the vendor speaks faster than 22 letters a second: less audio than that is not the whole text.
const FASTEST_LETTER_MS = 45
const USUAL_LETTER_MS = 65 // 15 letters a second, to estimate how far a broken-off text was spoken
const FIRST_SYLLABLE_SIGN = 0x2e80 // from here on a sign of Chinese, Japanese or Korean is a syllable or more
const LETTERS_A_SYLLABLE = 3
const NEARLY_MS = 40 // two frames: a chunk cut so close to its end was heard

export type TurnHooks = {
  turn(turn: Turn): void
  /** Audio was played for which the vendor never sent words. */
  wordless(startMs: number, endMs: number): void
}

/** One utterance of the agent, from its first text or audio until it is known what of it was heard. */
export class AgentTurn implements PlaybackOwner {
  readonly seq: number
  eventId: number | undefined
  /** Event ids start anew with every conversation; those of a lost one match nothing. */
  isOfThisConversation = true
  text: string | undefined
  correctedText: string | undefined
  startMs = -1
  endMs = -1
  sentMs = 0
  heardMs = 0
  outstanding = 0
  isCut = false
  /** Some of its audio was never sent to the caller. */
  isIncomplete = false
  /** Its conversation was lost before it was told: more audio may have been to come. */
  isBrokenOff = false
  /** No more audio joins it, unless it carries the same event id. */
  isClosed = false
  isTold = false
  changedAtMs: number

  constructor(seq: number, eventId: number | undefined, atMs: number) {
    this.seq = seq
    this.eventId = eventId
    this.changedAtMs = atMs
  }

  hasId(eventId: number | undefined): boolean {
    return eventId !== undefined && this.isOfThisConversation && this.eventId === eventId
  }

  chunkSent(startMs: number, endMs: number): void {
    if (this.startMs < 0) this.startMs = startMs
    this.sentMs += endMs - startMs
    this.outstanding++
  }

  /** Audio of it waits behind a notice: it is not final yet. */
  chunkHeld(): void {
    this.outstanding++
  }

  /** It waits no more: it is being sent, or was given up. */
  chunkReleased(): void {
    this.outstanding--
  }

  chunkDone(heardMs: number, endedAtMs: number, cut: boolean): void {
    this.outstanding--
    this.heardMs += heardMs
    if (heardMs > 0) this.endMs = endedAtMs
    if (cut) this.isCut = true
    this.changedAtMs = Math.max(this.changedAtMs, endedAtMs)
  }
}

/** Puts turns together from the vendor's events and from what the playback knows, each told once it is final. */
export class Turns {
  #open: AgentTurn[] = []
  #current: AgentTurn | undefined
  #told: AgentTurn[] = []
  #history: Turn[] = []
  #seq = 0
  #hooks: TurnHooks

  constructor(hooks: TurnHooks) {
    this.#hooks = hooks
  }

  /** The turn that audio with this id belongs to. */
  forAudio(eventId: number, atMs: number): AgentTurn {
    const current = this.#current
    if (current && (current.hasId(eventId) || !current.isClosed)) {
      current.eventId ??= eventId
      current.changedAtMs = atMs
      return current
    }
    return this.#begin(eventId, atMs)
  }

  response(text: string, eventId: number | undefined, atMs: number): void {
    const current = this.#current
    const isSame =
      current !== undefined &&
      (current.text === undefined
        ? !current.isClosed || current.hasId(eventId)
        : current.hasId(eventId))
    const turn = isSame ? current : this.#begin(eventId, atMs)
    turn.text = text
    turn.changedAtMs = atMs
  }

  correction(original: string, corrected: string, eventId: number | undefined): void {
    const isMeant = (turn: AgentTurn) => turn.hasId(eventId) || turn.text === original
    const turn =
      this.#open.findLast(isMeant) ??
      this.#told.findLast(isMeant) ??
      this.#open.findLast((open) => open.isCut)
    if (!turn) return
    turn.text = original
    turn.correctedText = corrected
    turn.isCut = true
    if (turn.isTold) this.#tell(turn)
  }

  /** The caller interrupted: what comes next is another utterance. */
  interrupted(): void {
    if (this.#current) this.#current.isClosed = true
  }

  /** Audio of this id was not played since the caller had interrupted it. */
  audioDropped(eventId: number): void {
    const turn = this.#open.findLast((open) => open.hasId(eventId)) ?? this.#current
    if (!turn) return
    turn.isCut = true
    turn.isIncomplete = true
  }

  /** The conversation is gone: what it was saying ends here, and its ids mean nothing to the next one. */
  conversationLost(how: 'broken off' | 'ended'): void {
    const current = this.#current
    // A turn after which another has begun was complete before.
    if (how === 'broken off' && current && !current.isClosed) current.isBrokenOff = true
    this.#current = undefined
    for (const turn of this.#open) {
      turn.isClosed = true
      turn.isOfThisConversation = false
    }
    for (const turn of this.#told) turn.isOfThisConversation = false
  }

  customer(text: string, startMs: number, endMs: number, eventId: number | undefined): void {
    if (this.#current) this.#current.isClosed = true
    const turn: Turn = {
      seq: this.#seq++,
      speaker: 'customer',
      text,
      startMs: Math.round(startMs),
      endMs: Math.round(endMs),
      heard: 'heard',
      ...(eventId !== undefined && { eventId }),
    }
    this.#remember(turn)
    this.#hooks.turn(turn)
  }

  /** Tells the turns that have become final. */
  settle(atMs: number): void {
    for (const turn of this.#open) if (this.#isFinal(turn, atMs)) this.#tell(turn)
    this.#open = this.#open.filter((turn) => !turn.isTold)
  }

  /** The call is over: whatever is known now is what was heard. */
  finish(): void {
    for (const turn of this.#open) this.#tell(turn)
    this.#open = []
  }

  /** What was said so far, for a conversation that takes over. */
  history(): readonly Turn[] {
    const unfinished = this.#open.filter((turn) => turn.text !== undefined).map(asTurn)
    return [...this.#history, ...unfinished].sort((a, b) => a.seq - b.seq).slice(-MAX_HISTORY)
  }

  #begin(eventId: number | undefined, atMs: number): AgentTurn {
    if (this.#current) this.#current.isClosed = true
    const turn = new AgentTurn(this.#seq++, eventId, atMs)
    this.#current = turn
    this.#open.push(turn)
    if (this.#open.length > MAX_OPEN_TURNS) this.#tell(this.#open.shift()!)
    return turn
  }

  #isFinal(turn: AgentTurn, atMs: number): boolean {
    const quietMs = atMs - turn.changedAtMs
    if (turn.outstanding > 0) return false
    if (turn.isCut) return turn.correctedText !== undefined || quietMs >= CORRECTION_MS
    const isComplete = turn.text !== undefined && turn.sentMs > 0
    if (isComplete || turn.isClosed) return quietMs >= SETTLE_MS
    return quietMs >= INCOMPLETE_MS
  }

  #tell(turn: AgentTurn): void {
    const first = !turn.isTold
    turn.isTold = true
    turn.isClosed = true
    if (turn === this.#current) this.#current = undefined
    if (turn.text === undefined) {
      if (turn.heardMs > 0) this.#hooks.wordless(Math.round(turn.startMs), Math.round(turn.endMs))
      return
    }
    const told = asTurn(turn)
    if (first) {
      this.#told.push(turn)
      if (this.#told.length > MAX_OPEN_TURNS) this.#told.shift()
    }
    this.#remember(told)
    this.#hooks.turn(told)
  }

  #remember(turn: Turn): void {
    const known = this.#history.findIndex(({ seq }) => seq === turn.seq)
    if (known >= 0) this.#history[known] = turn
    else this.#history.push(turn)
    if (this.#history.length > MAX_HISTORY) this.#history.shift()
  }
}

function asTurn(turn: AgentTurn): Turn {
  const text = turn.text ?? ''
  const startMs = Math.round(turn.startMs < 0 ? turn.changedAtMs : turn.startMs)
  const heard = heardOf(turn)
  return {
    seq: turn.seq,
    speaker: 'agent',
    text,
    startMs,
    endMs: Math.max(startMs, Math.round(turn.endMs)),
    heard,
    ...(heard === 'cut' && { heardText: turn.correctedText ?? heardPart(text, turn) }),
    ...(turn.eventId !== undefined && { eventId: turn.eventId }),
  }
}

function heardOf(turn: AgentTurn): Turn['heard'] {
  if (turn.heardMs === 0) return 'never_played'
  if (isCutShort(turn)) return 'cut'
  if (!turn.isCut) return 'heard'
  const isWhole = turn.sentMs - turn.heardMs <= NEARLY_MS && !turn.isIncomplete
  return isWhole && turn.correctedText === undefined ? 'heard' : 'cut'
}

/** It was broken off, and the audio that came is too short for its text. */
function isCutShort(turn: AgentTurn): boolean {
  return turn.isBrokenOff && turn.sentMs < lettersOf(turn.text ?? '') * FASTEST_LETTER_MS
}

/** The words that fit into the share of the audio that was played. */
function heardPart(text: string, turn: AgentTurn): string {
  const wholeMs = isCutShort(turn)
    ? Math.max(turn.sentMs, lettersOf(text) * USUAL_LETTER_MS)
    : turn.sentMs
  const share = wholeMs > 0 ? turn.heardMs / wholeMs : 0
  const end = text.lastIndexOf(' ', Math.ceil(text.length * share))
  return end > 0 ? text.slice(0, end) : ''
}

function lettersOf(text: string): number {
  let letters = 0
  for (let at = 0; at < text.length; at++)
    letters += text.charCodeAt(at) < FIRST_SYLLABLE_SIGN ? 1 : LETTERS_A_SYLLABLE
  return letters
}
