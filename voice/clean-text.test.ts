import { expect, test } from 'vitest'
import { parseAgentMessage } from './agent/messages.ts'
import { parseTwilioFrame } from './twilio/frames.ts'

const sent = (message: object) => Buffer.from(JSON.stringify(message))
const WILD = 'a\u0000b \uD83D c \uD83D\uDE00'
const CLEAN = 'a\uFFFDb \uFFFD c \uD83D\uDE00'

test('what the agent says is text that can be stored, whatever its vendor sends', () => {
  const response = { agent_response: WILD, event_id: 1 }
  expect(
    parseAgentMessage(sent({ type: 'agent_response', agent_response_event: response })),
  ).toEqual({
    message: {
      type: 'agent_response',
      agent_response_event: { agent_response: CLEAN, event_id: 1 },
    },
  })
  const call = { tool_name: WILD, tool_call_id: 'x' }
  expect(parseAgentMessage(sent({ type: 'client_tool_call', client_tool_call: call }))).toEqual({
    message: { type: 'client_tool_call', client_tool_call: { ...call, tool_name: CLEAN } },
  })
  expect(parseAgentMessage(sent({ type: WILD }))).toEqual({ counted: CLEAN })
})

test('what a caller types is text that can be stored, and an unknown kind of frame has such a name', () => {
  expect(parseTwilioFrame(sent({ event: 'text', text: WILD }))).toEqual({
    event: 'text',
    text: CLEAN,
  })
  expect(parseTwilioFrame(sent({ event: WILD }))).toEqual({ event: 'unknown', name: CLEAN })
})
