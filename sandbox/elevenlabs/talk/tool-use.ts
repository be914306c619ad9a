import type { Json } from '../json.ts'
import { addTurn, type Desk } from './desk.ts'
import type { Timers } from './timers.ts'
import { callWebhook, type ToolCall, type ToolResult, timeoutMsOf } from './tools.ts'

/** Runs the tools of one conversation and keeps them in its transcript. */
export class ToolUse {
  readonly #desk: Desk
  readonly #timers: Timers
  readonly #pending = new Map<string, (result: ToolResult) => void>()

  constructor(desk: Desk, timers: Timers) {
    this.#desk = desk
    this.#timers = timers
  }

  async run(call: ToolCall): Promise<ToolResult> {
    const desk = this.#desk
    const callId = `tc_${desk.nextId()}`
    const began = performance.now()
    const common = { tool_name: call.name, tool_call_id: callId, tool_type: call.type }
    desk.send('agent_tool_request', { ...common, event_id: desk.nextId() })
    const result =
      call.type === 'webhook'
        ? await callWebhook(call, desk.variables)
        : await this.#askClient(call, callId)
    this.#keep(call, callId, result, (performance.now() - began) / 1_000)
    this.#respond(common, result.isError)
    return result
  }

  /** The end of the call is a tool too: told, kept, and then the line is closed. */
  endCall(): void {
    const desk = this.#desk
    const callId = `tc_${desk.nextId()}`
    const about = { request_id: callId, tool_name: 'end_call', type: 'system' }
    addTurn(desk, {
      role: 'agent',
      message: null,
      tool_calls: [
        { ...about, params_as_json: '{}', tool_has_been_called: true, tool_details: null },
      ],
      tool_results: [
        {
          ...about,
          result_value: '{"status":"success"}',
          is_error: false,
          is_blocked: false,
          tool_has_been_called: true,
          tool_latency_secs: 0,
          result: { result_type: 'end_call_success', status: 'success' },
        },
      ],
    })
    this.#respond({ tool_name: 'end_call', tool_call_id: callId, tool_type: 'system' }, false)
  }

  answered(callId: string, result: ToolResult): void {
    this.#pending.get(callId)?.(result)
  }

  giveUp(): void {
    for (const finish of [...this.#pending.values()])
      finish({ value: 'The conversation is over.', isError: true })
  }

  #respond(common: Json, isError: boolean): void {
    this.#desk.send('agent_tool_response', {
      ...common,
      is_error: isError,
      is_called: true,
      event_id: this.#desk.nextId(),
    })
  }

  #askClient(call: ToolCall, callId: string): Promise<ToolResult> {
    const { promise, resolve } = Promise.withResolvers<ToolResult>()
    const finish = (result: ToolResult) => {
      this.#timers.stop(callId)
      this.#pending.delete(callId)
      resolve(result)
    }
    if (call.config.expects_response === true) {
      this.#pending.set(callId, finish)
      this.#timers.set(callId, timeoutMsOf(call), () =>
        finish({ value: 'The client did not answer in time.', isError: true }),
      )
    } else resolve({ value: '', isError: false })
    this.#desk.send('client_tool_call', {
      tool_name: call.name,
      tool_call_id: callId,
      parameters: call.parameters,
      event_id: this.#desk.nextId(),
    })
    return promise
  }

  #keep(call: ToolCall, callId: string, result: ToolResult, latencySeconds: number): void {
    const about = { type: call.type, request_id: callId, tool_name: call.name }
    addTurn(this.#desk, {
      role: 'agent',
      message: null,
      tool_calls: [
        {
          ...about,
          params_as_json: JSON.stringify(call.parameters),
          tool_has_been_called: true,
          tool_details: null,
        },
      ],
      tool_results: [
        {
          ...about,
          result_value: result.value,
          is_error: result.isError,
          is_blocked: false,
          tool_has_been_called: true,
          tool_latency_secs: latencySeconds,
          error_type: '',
          raw_error_message: '',
          dynamic_variable_updates: [],
        },
      ],
    })
  }
}
