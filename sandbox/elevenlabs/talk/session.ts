import { type Json, read, readNumber, readText, readTexts } from '../json.ts'
import type { Agent, Conversation } from '../store.ts'
import { engineVoice } from '../voices.ts'
import type { World } from '../world.ts'
import { Brain, lines } from './brain.ts'
import { textOf } from './damage.ts'
import { addTurn, type Desk } from './desk.ts'
import { Hearing, type UserTurn } from './hearing.ts'
import { knowledgeOf, variablesOf } from './knowledge.ts'
import { type Thinking, thinking } from './model-faults.ts'
import { forbiddenOverride, missingVariable, type Refusal, withOverrides } from './overrides.ts'
import { Patience } from './patience.ts'
import { Speaker } from './speaker.ts'
import { fill } from './template.ts'
import { Timers } from './timers.ts'
import { ToolUse } from './tool-use.ts'
import {
  canEndCall,
  spokenResult,
  type ToolCall,
  type ToolResult,
  toolFor,
  toolsOf,
} from './tools.ts'
import { Tracks } from './tracks.ts'
import { type WireAudio, wireAudio } from './wire-audio.ts'

/** What carries a conversation: the agent socket, or Twilio's own stream. */
export type Line = {
  event(event: Json): void
  audio(wireBytes: Uint8Array, eventId: number, alignment: Json): void
  end(code: number, reason: string): void
}

export type SessionOptions = {
  world: World
  agent: Agent
  conversation: Conversation
  line: Line
  /** Called once, when the conversation is over. */
  onEnd: (conversation: Conversation, recording: Uint8Array | undefined) => void
}

const NO_AUDIO_MS = 1_000 // so long without a byte, and what was being said is taken as said
const MAX_TOOL_CALLS = 100 // a call; more is a loop
const CHARACTERS_PER_TOKEN = 4 // the usual rule of thumb
const BYTES_PER_MS = 8

/** One conversation, from the first message of the client to the end of the line. */
export class Session {
  readonly conversation: Conversation
  readonly #world: World
  readonly #agent: Agent
  readonly #line: Line
  readonly #onEnd: SessionOptions['onEnd']
  readonly #desk: Desk
  readonly #timers = new Timers()
  readonly #tracks = new Tracks()
  readonly #speaker: Speaker
  readonly #hearing: Hearing
  readonly #tools: ToolUse
  readonly #startedAt = performance.now()
  #clientEvents = new Set<string>()
  #input: WireAudio | undefined
  #output: WireAudio | undefined
  #brain: Brain | undefined
  #patience: Patience | undefined
  #eventId = 0
  #isEnding = false
  #isOver = false
  #isFirstMessage = true
  #toolCalls = 0

  constructor({ world, agent, conversation, line, onEnd }: SessionOptions) {
    this.conversation = conversation
    this.#world = world
    this.#agent = agent
    this.#line = line
    this.#onEnd = onEnd
    this.#desk = {
      conversation,
      config: {},
      variables: {},
      send: (type, payload) => this.#send(type, payload),
      nextId: () => ++this.#eventId,
      nowMs: () => performance.now() - this.#startedAt,
    }
    this.#tools = new ToolUse(this.#desk, this.#timers)
    this.#speaker = new Speaker({
      desk: this.#desk,
      book: world.book,
      chunkMs: world.timings.chunkMs,
      chunkEveryMs: world.timings.chunkEveryMs,
      onChunk: (chunk) => {
        this.#tracks.agent(chunk.playsAtMs, chunk.audio)
        if (!this.#output || this.#isOver || !this.#clientEvents.has('audio')) return
        this.#line.audio(this.#output.toWire(chunk.audio), this.#desk.nextId(), chunk.alignment)
      },
      onSpoken: () => this.#awaitCaller(),
      onBroken: (why) => this.fail(1002, 'tts_cascade_error', why),
    })
    this.#hearing = new Hearing({
      book: world.book,
      endOfTurnMs: world.timings.endOfTurnMs,
      onStart: () => this.#patience?.renew(),
      onWords: (text) => {
        const event_id = this.#desk.nextId()
        this.#send('tentative_user_transcript', { user_transcript: text, event_id })
      },
      onTurn: (turn) => this.#heardTurn(turn),
    })
  }

  get isStarted(): boolean {
    return this.#brain !== undefined
  }

  begin(initiation: Json): void {
    if (this.isStarted || this.#isOver) return
    const { conversation } = this
    const config = withOverrides(this.#agent.conversation_config, initiation)
    const variables = variablesOf(config, initiation, conversation)
    Object.assign(this.#desk, { config, variables })
    const { type: _type, ...data } = initiation
    conversation.client_data = { ...data, dynamic_variables: variables }
    conversation.user_id = readText(initiation, 'user_id') || null
    conversation.main_language = readText(config, 'agent', 'language') || 'en'
    conversation.text_only = read(config, 'conversation', 'text_only') === true
    this.#clientEvents = new Set(readTexts(config, 'conversation', 'client_events'))
    this.#input = wireAudio(readText(config, 'asr', 'user_input_audio_format'))
    this.#output = wireAudio(readText(config, 'tts', 'agent_output_audio_format'))
    const refused = this.#refusal(initiation)
    if (refused) {
      this.fail(refused.code, refused.errorType, refused.message)
      return
    }
    this.#speaker.voice = engineVoice(readText(config, 'tts', 'voice_id'))
    this.#brain = new Brain(knowledgeOf(config, variables, this.#world.store))
    conversation.status = 'in-progress'
    this.#line.event({
      type: 'conversation_initiation_metadata',
      conversation_initiation_metadata_event: {
        conversation_id: conversation.conversation_id,
        agent_output_audio_format: this.#output?.name,
        user_input_audio_format: this.#input?.name,
      },
    })
    this.#startTimers()
    const first = fill(readText(config, 'agent', 'first_message'), variables)
    if (first) void this.#say(first)
    else this.#awaitCaller()
  }

  hear(wireBytes: Uint8Array): void {
    if (!this.#input || this.#isOver || !this.isStarted) return
    const bytes = this.#input.fromWire(wireBytes)
    this.#tracks.user(this.#desk.nowMs() - bytes.length / BYTES_PER_MS, bytes)
    const wasOpen = this.#hearing.isTurnOpen
    this.#hearing.hear(bytes)
    if (this.#hearing.speechMs >= this.#world.timings.bargeInMs) this.#interruptIfPlaying()
    if (this.#hearing.isTurnOpen)
      this.#timers.set('no-audio', NO_AUDIO_MS, () => this.#hearing.endTurn())
    else this.#timers.stop('no-audio')
    if (wasOpen && !this.#hearing.isTurnOpen) this.#awaitCaller()
  }

  /** Anything from the client shows that the transport lives. */
  touched(): void {
    if (this.#isOver || !this.isStarted) return
    const { transportSilenceMs } = this.#world.timings
    this.#timers.set('transport', transportSilenceMs, () =>
      this.fail(1002, 'transport_receive_timeout', 'No message was received from the client.'),
    )
  }

  typed(text: string): void {
    this.#interruptIfPlaying()
    this.#answer(text, 'text')
  }

  activity(): void {
    this.#awaitCaller()
  }

  learn(text: string, contextId: string | undefined): void {
    this.#brain?.learn(text, contextId)
  }

  toolResult(callId: string, result: ToolResult): void {
    this.#tools.answered(callId, result)
  }

  rate(score: 'like' | 'dislike'): void {
    this.conversation.feedback = score
  }

  /** Ends with an `error` event first, as the service does. */
  fail(code: number, errorType: string, message: string): void {
    if (this.#isOver) return
    this.#line.event({
      type: 'error',
      error_event: { code, error_type: errorType, message, reason: message, details: {} },
    })
    if (code !== 1000) this.conversation.error = { code, reason: `${errorType}: ${message}` }
    this.hangUp(code, message, errorType)
  }

  hangUp(code: number, reason: string, closeReason = reason): void {
    if (this.#isOver) return
    const now = this.#desk.nowMs()
    // What was sent before a polite end is still played to its end by whoever got it.
    this.#finish(reason, code === 1000 ? Math.max(now, this.#speaker.playingUntilMs) : now)
    this.#line.end(code, closeReason)
  }

  /** The other side is gone, and with it what it had not heard yet. */
  lineClosed(reason: string): void {
    if (this.#isOver) return
    this.#speaker.abandon()
    this.#tracks.cutAgent(this.#desk.nowMs())
    this.#finish(reason, this.#desk.nowMs())
  }

  #finish(reason: string, durationMs: number): void {
    this.#isOver = true
    this.#speaker.stop()
    this.#tools.giveUp()
    this.#timers.stopAll()
    this.conversation.durationMs = Math.round(durationMs)
    this.conversation.termination_reason = reason
    const isRecorded =
      this.isStarted && read(this.#agent.platform_settings, 'privacy', 'record_voice') !== false
    this.#onEnd(this.conversation, isRecorded ? this.#tracks.recording(durationMs) : undefined)
  }

  #refusal(initiation: Json): Refusal | undefined {
    const refused =
      forbiddenOverride(this.#agent.platform_settings, initiation) ??
      missingVariable(this.#desk.config, this.#desk.variables)
    if (refused) return refused
    const isPhone = this.conversation.phone_call !== null
    if (isPhone && (this.#input?.name !== 'ulaw_8000' || this.#output?.name !== 'ulaw_8000'))
      return {
        code: 1008,
        errorType: 'telephony_agent_error',
        message: 'A phone agent needs ulaw_8000 in both directions.',
      }
    if (this.#input && this.#output) return undefined
    return {
      code: 1008,
      errorType: 'value_error',
      message: 'The sandbox has no such audio format.',
    }
  }

  #startTimers(): void {
    const { pingMs } = this.#world.timings
    const ping = () => {
      this.#send('ping', { event_id: this.#desk.nextId(), ping_ms: null })
      this.#timers.set('ping', pingMs, ping)
    }
    this.#timers.set('ping', pingMs, ping)
    this.#patience = new Patience({
      timers: this.#timers,
      turnSeconds: readNumber(7, this.#desk.config, 'turn', 'turn_timeout'),
      endSeconds: readNumber(-1, this.#desk.config, 'turn', 'silence_end_call_timeout'),
      ask: () => void this.#say(lines.stillThere),
      giveUp: () => this.hangUp(1000, 'Call ended because the user was silent.'),
    })
    const maxSeconds = readNumber(600, this.#desk.config, 'conversation', 'max_duration_seconds')
    this.#timers.set('max', maxSeconds * 1_000, () => void this.#endForDuration())
    this.touched()
  }

  async #endForDuration(): Promise<void> {
    this.#isEnding = true
    const farewell = readText(this.#desk.config, 'agent', 'max_conversation_duration_message')
    if (farewell) await this.#say(fill(farewell, this.#desk.variables))
    this.fail(1000, 'max_duration_exceeded', 'The conversation reached its maximum duration.')
  }

  #heardTurn(turn: UserTurn): void {
    const path = `/v1/convai/conversations/${this.conversation.conversation_id}`
    const text = textOf(this.#world, turn, path)
    if (!turn.damage) {
      this.#answer(text, 'audio')
      return
    }
    this.#addUserTurn(text, 'audio')
    if (!this.#isEnding) void this.#say(turn.damage.nearest ? lines.damaged : lines.unheard)
  }

  #answer(text: string, medium: 'audio' | 'text'): void {
    if (!this.#brain || this.#isOver) return
    this.#addUserTurn(text, medium)
    if (this.#isEnding) return
    const { config, variables } = this.#desk
    const tool = toolFor(text, toolsOf(config, this.#world.store), variables)
    if (tool && this.#toolCalls++ < MAX_TOOL_CALLS) {
      void this.#runTool(tool)
      return
    }
    const brain = this.#brain
    this.conversation.llmTokens.input += tokensOf(text)
    const { afterMs, reply } = thinking(this.#world, () => brain.reply(text))
    if (afterMs === 0) this.#respond(reply)
    else this.#timers.set('model', afterMs, () => this.#respond(reply))
  }

  #respond(reply: Thinking['reply']): void {
    if (typeof reply === 'string') this.fail(1002, reply, 'The language model gave no answer.')
    else if (reply.wantsToEnd && canEndCall(this.#desk.config)) void this.#endCall(reply.say)
    else void this.#say(reply.say)
  }

  #addUserTurn(text: string, medium: 'audio' | 'text'): void {
    this.#patience?.renew()
    this.#isFirstMessage = false
    addTurn(this.#desk, { role: 'user', message: text, source_medium: medium })
    if (medium === 'audio')
      this.#send('user_transcript', { user_transcript: text, event_id: this.#desk.nextId() })
  }

  #say(text: string): Promise<void> {
    this.#patience?.pause()
    this.conversation.llmTokens.output += tokensOf(text)
    this.#world.store.charactersUsed += text.length
    return this.#speaker.say(text)
  }

  /** Says goodbye, and hangs up once the last byte of it is out. */
  async #endCall(farewell: string): Promise<void> {
    this.#isEnding = true
    await this.#say(farewell)
    if (this.#isOver) return
    this.#tools.endCall()
    this.hangUp(1000, 'end_call tool was called.')
  }

  async #runTool(call: ToolCall): Promise<void> {
    const { epoch } = this.#speaker
    const result = await this.#tools.run(call)
    if (!this.#isOver && epoch === this.#speaker.epoch) await this.#say(spokenResult(result))
  }

  #interruptIfPlaying(): void {
    if (this.#isOver || this.#isEnding || !this.#speaker.isPlaying) return
    const isProtected =
      read(this.#desk.config, 'agent', 'disable_first_message_interruptions') === true
    if (isProtected && this.#isFirstMessage) return
    this.#speaker.interrupt()
    this.#tracks.cutAgent(this.#desk.nowMs())
  }

  /** From now on it is the caller's turn: speak again, or hang up, when nothing comes. */
  #awaitCaller(): void {
    if (this.#isOver || this.#isEnding || this.#hearing.isTurnOpen) return
    this.#patience?.wait(Math.max(0, this.#speaker.playingUntilMs - this.#desk.nowMs()))
  }

  /** Only what the agent's client_events name; the metadata and errors always go out. */
  #send(type: string, payload: Json): void {
    if (this.#isOver || !this.#clientEvents.has(type)) return
    this.#line.event({ type, [payloadKeys[type] ?? `${type}_event`]: payload })
  }
}

/** Where the name of the payload is not the event's own with `_event` behind it. */
const payloadKeys: Record<string, string> = {
  user_transcript: 'user_transcription_event',
  tentative_user_transcript: 'tentative_user_transcription_event',
  client_tool_call: 'client_tool_call',
  agent_tool_request: 'agent_tool_request',
  agent_tool_response: 'agent_tool_response',
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}
