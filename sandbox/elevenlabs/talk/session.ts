import { type Json, read, readNumber, readText, readTexts } from '../json.ts'
import type { Agent, Conversation, Turn } from '../store.ts'
import { engineVoice } from '../voices.ts'
import type { World } from '../world.ts'
import { Brain, lines } from './brain.ts'
import { Hearing, type UserTurn } from './hearing.ts'
import { knowledgeOf, variablesOf } from './knowledge.ts'
import { Mouth } from './mouth.ts'
import { forbiddenOverride, missingVariable, type Refusal, withOverrides } from './overrides.ts'
import { fill } from './template.ts'
import { Timers } from './timers.ts'
import {
  callWebhook,
  canEndCall,
  spokenResult,
  type ToolCall,
  type ToolResult,
  timeoutMsOf,
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
const MAX_REPROMPTS = 20 // in a row; whoever is silent that long is not there
const MAX_TOOL_CALLS = 100 // a call; more is a loop

/** One conversation, from the first message of the client to the end of the line. */
export class Session {
  readonly conversation: Conversation
  readonly #world: World
  readonly #agent: Agent
  readonly #line: Line
  readonly #onEnd: SessionOptions['onEnd']
  readonly #timers = new Timers()
  readonly #tracks = new Tracks()
  readonly #mouth: Mouth
  readonly #hearing: Hearing
  readonly #startedAt = performance.now()
  #config: Json = {}
  #variables: Json = {}
  #events = new Set<string>()
  #input: WireAudio | undefined
  #output: WireAudio | undefined
  #brain: Brain | undefined
  #voice = ''
  #eventId = 0
  #isEnding = false
  #isOver = false
  #isFirstMessage = false
  #reprompts = 0
  #toolCalls = 0
  #epoch = 0
  #responding: Promise<void> = Promise.resolve()
  readonly #pendingTools = new Map<string, (result: ToolResult) => void>()
  /** Agent turns whose audio may still be playing, by what was said. */
  readonly #openTurns: { turn: Turn; text: string; eventId: number }[] = []

  constructor({ world, agent, conversation, line, onEnd }: SessionOptions) {
    this.conversation = conversation
    this.#world = world
    this.#agent = agent
    this.#line = line
    this.#onEnd = onEnd
    this.#mouth = new Mouth({
      now: () => this.#nowMs(),
      chunkMs: world.timings.chunkMs,
      chunkEveryMs: world.timings.chunkEveryMs,
      send: (chunk) => {
        this.#tracks.agent(chunk.playsAtMs, chunk.audio)
        if (!this.#output || !this.#events.has('audio')) return
        this.#line.audio(this.#output.toWire(chunk.audio), this.#nextId(), chunk.alignment)
      },
    })
    this.#hearing = new Hearing({
      book: world.book,
      endOfTurnMs: world.timings.endOfTurnMs,
      onStart: () => {
        this.#timers.stop('turn')
        this.#timers.stop('silence')
      },
      onWords: (text) => this.#tentative(text),
      onTurn: (turn) => this.#userTurn(turn),
    })
  }

  get isStarted(): boolean {
    return this.#brain !== undefined
  }

  begin(initiation: Json): void {
    if (this.isStarted || this.#isOver) return
    this.#config = withOverrides(this.#agent.conversation_config, initiation)
    this.#variables = variablesOf(this.#config, initiation, this.conversation)
    this.conversation.client_data = { ...initiation, dynamic_variables: this.#variables }
    this.conversation.user_id = readText(initiation, 'user_id') || null
    this.#events = new Set(readTexts(this.#config, 'conversation', 'client_events'))
    const refused = this.#refusal(initiation)
    if (refused) {
      this.fail(refused.code, refused.errorType, refused.message)
      return
    }
    this.#voice = engineVoice(readText(this.#config, 'tts', 'voice_id'))
    this.#brain = new Brain(knowledgeOf(this.#config, this.#variables, this.#world.store))
    this.conversation.status = 'in-progress'
    this.conversation.main_language = readText(this.#config, 'agent', 'language') || 'en'
    this.conversation.text_only = read(this.#config, 'conversation', 'text_only') === true
    this.#line.event({
      type: 'conversation_initiation_metadata',
      conversation_initiation_metadata_event: {
        conversation_id: this.conversation.conversation_id,
        agent_output_audio_format: this.#output?.name,
        user_input_audio_format: this.#input?.name,
      },
    })
    this.#startTimers()
    const first = fill(readText(this.#config, 'agent', 'first_message'), this.#variables)
    if (first) this.#say(first, { isFirst: true })
    else this.#armTurnTimeout()
  }

  hear(wireBytes: Uint8Array): void {
    if (!this.#input || this.#isOver) return
    const bytes = this.#input.fromWire(wireBytes)
    this.#tracks.user(this.#nowMs() - bytes.length / 8, bytes)
    const wasOpen = this.#hearing.isTurnOpen
    this.#hearing.hear(bytes)
    if (wasOpen && !this.#hearing.isTurnOpen) this.#armTurnTimeout()
    if (this.#hearing.speechMs >= this.#world.timings.bargeInMs) this.#interruptIfPlaying()
    if (this.#hearing.isTurnOpen)
      this.#timers.set('no-audio', NO_AUDIO_MS, () => this.#hearing.endTurn())
    else this.#timers.stop('no-audio')
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
    this.#armTurnTimeout()
  }

  learn(text: string, contextId: string | undefined): void {
    this.#brain?.learn(text, contextId)
  }

  toolResult(callId: string, result: ToolResult): void {
    this.#pendingTools.get(callId)?.(result)
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
    // What was sent before a polite end is still played to its end by whoever got it.
    this.#finish(reason, Math.max(this.#nowMs(), code === 1000 ? this.#mouth.playingUntilMs : 0))
    this.#line.end(code, closeReason)
  }

  /** The other side is gone, and with it what it had not heard yet. */
  lineClosed(reason: string): void {
    if (this.#isOver) return
    this.#correct(this.#mouth.cut())
    this.#tracks.cutAgent(this.#nowMs())
    this.#finish(reason, this.#nowMs())
  }

  #finish(reason: string, durationMs: number): void {
    this.#isOver = true
    this.#epoch++
    this.#timers.stopAll()
    for (const finish of this.#pendingTools.values())
      finish({ value: 'The conversation is over.', isError: true })
    this.conversation.durationMs = Math.round(durationMs)
    this.conversation.termination_reason = reason
    const isRecorded =
      this.isStarted && read(this.#agent.platform_settings, 'privacy', 'record_voice') !== false
    this.#onEnd(this.conversation, isRecorded ? this.#tracks.recording(durationMs) : undefined)
  }

  #refusal(initiation: Json): Refusal | undefined {
    const refused =
      forbiddenOverride(this.#agent.platform_settings, initiation) ??
      missingVariable(this.#config, this.#variables)
    if (refused) return refused
    this.#input = wireAudio(readText(this.#config, 'asr', 'user_input_audio_format'))
    this.#output = wireAudio(readText(this.#config, 'tts', 'agent_output_audio_format'))
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
      this.#send('ping', { event_id: this.#nextId(), ping_ms: null })
      this.#timers.set('ping', pingMs, ping)
    }
    this.#timers.set('ping', pingMs, ping)
    const maxSeconds = readNumber(600, this.#config, 'conversation', 'max_duration_seconds')
    this.#timers.set('max', maxSeconds * 1_000, () => void this.#endForDuration())
    this.touched()
  }

  async #endForDuration(): Promise<void> {
    this.#isEnding = true
    const farewell = readText(this.#config, 'agent', 'max_conversation_duration_message')
    if (farewell) await this.#say(fill(farewell, this.#variables))
    this.fail(1000, 'max_duration_exceeded', 'The conversation reached its maximum duration.')
  }

  #userTurn({ text, damage }: UserTurn): void {
    if (!damage) {
      this.#answer(text, 'audio')
      return
    }
    const { nearest } = damage
    this.#world.unrecognised++
    this.#world.journal.record({
      vendor: 'elevenlabs',
      kind: 'note',
      path: `/v1/convai/conversations/${this.conversation.conversation_id}`,
      note: 'unrecognised speech',
      body: nearest
        ? { bytes: damage.bytes, nearest: { ...nearest, utterance: nearest.utterance.text } }
        : { bytes: damage.bytes },
    })
    this.#addUserTurn(text ? `${text} [inaudible]` : '[inaudible]', 'audio')
    void this.#say(nearest ? lines.damaged : lines.unheard)
  }

  #answer(text: string, medium: 'audio' | 'text'): void {
    if (!this.#brain || this.#isOver || this.#isEnding) return
    this.#addUserTurn(text, medium)
    const tool = toolFor(text, toolsOf(this.#config, this.#world.store), this.#variables)
    if (tool && this.#toolCalls++ < MAX_TOOL_CALLS) {
      void this.#runTool(tool)
      return
    }
    const reply = this.#brain.reply(text)
    this.conversation.llmTokens.input += tokensOf(text)
    if (reply.wantsToEnd && canEndCall(this.#config)) void this.#endCall(reply.say)
    else void this.#say(reply.say)
  }

  #addUserTurn(text: string, medium: 'audio' | 'text'): void {
    this.#reprompts = 0
    this.#isFirstMessage = false
    this.conversation.transcript.push(this.#turn('user', text, medium))
    if (medium === 'audio')
      this.#send('user_transcript', { user_transcript: text, event_id: this.#nextId() })
  }

  #tentative(text: string): void {
    this.#send('tentative_user_transcript', { user_transcript: text, event_id: this.#nextId() })
  }

  /** Sends the text, then the audio; resolves when the last byte is out or the speech was cut. */
  #say(text: string, { isFirst = false } = {}): Promise<void> {
    const epoch = this.#epoch
    const eventId = this.#nextId()
    this.#isFirstMessage = isFirst
    this.conversation.llmTokens.output += tokensOf(text)
    this.#timers.stop('turn')
    this.#responding = this.#responding.then(async () => {
      if (epoch !== this.#epoch) return
      const turn = this.#turn('agent', text, null)
      this.conversation.transcript.push(turn)
      this.#send('agent_response', { agent_response: text, event_id: eventId })
      if (!this.conversation.text_only) await this.#speak(turn, text, eventId, epoch)
      if (epoch === this.#epoch) this.#armTurnTimeout()
    })
    return this.#responding
  }

  async #speak(turn: Turn, text: string, eventId: number, epoch: number): Promise<void> {
    try {
      const utterance = await this.#world.book.say(text, this.#voice)
      if (epoch !== this.#epoch) return
      this.#world.store.charactersUsed += text.length
      this.#openTurns.push({ turn, text, eventId })
      while (this.#openTurns.length > MAX_REPROMPTS) this.#openTurns.shift()
      await this.#mouth.speak(utterance)
    } catch (error) {
      this.fail(1002, 'tts_cascade_error', error instanceof Error ? error.message : String(error))
    }
  }

  async #endCall(farewell: string): Promise<void> {
    this.#isEnding = true
    await this.#say(farewell)
    const callId = `tc_${this.#nextId()}`
    const call = {
      request_id: callId,
      tool_name: 'end_call',
      params_as_json: '{}',
      tool_has_been_called: true,
      type: 'system',
    }
    const turn = this.#turn('agent', null, null)
    turn.tool_calls.push({ ...call, tool_details: null })
    turn.tool_results.push({
      request_id: callId,
      tool_name: 'end_call',
      result_value: '{"status":"success"}',
      is_error: false,
      is_blocked: false,
      tool_has_been_called: true,
      tool_latency_secs: 0,
      type: 'system',
      result: { result_type: 'end_call_success', status: 'success', reason: null, message: null },
    })
    this.conversation.transcript.push(turn)
    this.#send('agent_tool_response', {
      tool_name: 'end_call',
      tool_call_id: callId,
      tool_type: 'system',
      is_error: false,
      is_called: true,
      event_id: this.#nextId(),
    })
    this.hangUp(1000, 'end_call tool was called.')
  }

  async #runTool(call: ToolCall): Promise<void> {
    const callId = `tc_${this.#nextId()}`
    const epoch = this.#epoch
    const began = performance.now()
    const common = { tool_name: call.name, tool_call_id: callId, tool_type: call.type }
    this.#send('agent_tool_request', { ...common, event_id: this.#nextId() })
    const result =
      call.type === 'webhook'
        ? await callWebhook(call, this.#variables)
        : await this.#askClient(call, callId)
    const turn = this.#turn('agent', null, null)
    turn.tool_calls.push({
      type: call.type,
      request_id: callId,
      tool_name: call.name,
      params_as_json: JSON.stringify(call.parameters),
      tool_has_been_called: true,
      tool_details: null,
    })
    turn.tool_results.push({
      type: call.type,
      request_id: callId,
      tool_name: call.name,
      result_value: result.value,
      is_error: result.isError,
      is_blocked: false,
      tool_has_been_called: true,
      tool_latency_secs: (performance.now() - began) / 1_000,
      error_type: '',
      raw_error_message: '',
      dynamic_variable_updates: [],
    })
    this.conversation.transcript.push(turn)
    this.#send('agent_tool_response', {
      ...common,
      is_error: result.isError,
      is_called: true,
      event_id: this.#nextId(),
    })
    if (epoch === this.#epoch) await this.#say(spokenResult(result))
  }

  #askClient(call: ToolCall, callId: string): Promise<ToolResult> {
    const answered = new Promise<ToolResult>((resolve) => {
      if (call.config.expects_response !== true) {
        resolve({ value: '', isError: false })
        return
      }
      const finish = (result: ToolResult) => {
        this.#timers.stop(callId)
        this.#pendingTools.delete(callId)
        resolve(result)
      }
      this.#pendingTools.set(callId, finish)
      this.#timers.set(callId, timeoutMsOf(call), () =>
        finish({ value: 'The client did not answer in time.', isError: true }),
      )
    })
    this.#send('client_tool_call', {
      tool_name: call.name,
      tool_call_id: callId,
      parameters: call.parameters,
      event_id: this.#nextId(),
    })
    return answered
  }

  #interruptIfPlaying(): void {
    if (this.#isOver || this.#isEnding || !this.#mouth.isPlaying()) return
    const isProtected =
      this.#isFirstMessage &&
      read(this.#config, 'agent', 'disable_first_message_interruptions') === true
    if (isProtected) return
    this.#epoch++
    const wasHeard = this.#mouth.cut()
    this.#tracks.cutAgent(this.#nowMs())
    this.#send('interruption', { event_id: this.#nextId() })
    this.#correct(wasHeard)
  }

  #correct(wasHeard: ReturnType<Mouth['cut']>): void {
    for (const { utterance, heardText } of wasHeard) {
      const open = this.#openTurns.findLast(({ text }) => text === utterance.text)
      if (!open) continue
      const corrected = `${heardText}…`
      Object.assign(open.turn, {
        interrupted: true,
        message: corrected,
        original_message: open.text,
      })
      this.#send('agent_response_correction', {
        original_agent_response: open.text,
        corrected_agent_response: corrected,
        event_id: open.eventId,
      })
    }
    this.#openTurns.length = 0
  }

  #armTurnTimeout(): void {
    if (this.#isOver || this.#isEnding || this.#hearing.isTurnOpen) return
    const turnSeconds = readNumber(7, this.#config, 'turn', 'turn_timeout')
    const endSeconds = readNumber(-1, this.#config, 'turn', 'silence_end_call_timeout')
    const playingMs = Math.max(0, this.#mouth.playingUntilMs - this.#nowMs())
    if (endSeconds > 0 && this.#reprompts === 0)
      this.#timers.set('silence', playingMs + endSeconds * 1_000, () =>
        this.hangUp(1000, 'Call ended because the user was silent.'),
      )
    if (turnSeconds < 0 || this.#reprompts >= MAX_REPROMPTS) return
    this.#timers.set('turn', playingMs + turnSeconds * 1_000, () => {
      this.#reprompts++
      void this.#say(lines.stillThere)
    })
  }

  #turn(role: Turn['role'], message: string | null, medium: Turn['source_medium']): Turn {
    return {
      role,
      message,
      time_in_call_secs: Math.floor(this.#nowMs() / 1_000),
      interrupted: false,
      original_message: null,
      source_medium: medium,
      tool_calls: [],
      tool_results: [],
    }
  }

  /** Only what the agent's client_events name; the metadata and errors always go out. */
  #send(type: string, payload: Json): void {
    if (this.#isOver || !this.#events.has(type)) return
    this.#line.event({ type, [payloadKeys[type] ?? `${type}_event`]: payload })
  }

  #nextId(): number {
    return ++this.#eventId
  }

  #nowMs(): number {
    return performance.now() - this.#startedAt
  }
}

/** Where the event's own name and that of its payload differ. */
const payloadKeys: Record<string, string> = {
  user_transcript: 'user_transcription_event',
  tentative_user_transcript: 'tentative_user_transcription_event',
  client_tool_call: 'client_tool_call',
  agent_tool_request: 'agent_tool_request',
  agent_tool_response: 'agent_tool_response',
}

const CHARACTERS_PER_TOKEN = 4 // the usual rule of thumb

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}
