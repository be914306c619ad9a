/** Messages of the agent's socket, as ElevenLabs writes them: for tests and the bench. */
export const agentSays = {
  metadata: (conversationId: string, format = 'ulaw_8000') => ({
    type: 'conversation_initiation_metadata',
    conversation_initiation_metadata_event: {
      conversation_id: conversationId,
      agent_output_audio_format: format,
      user_input_audio_format: format,
    },
  }),
  audio: (base64: string, eventId: number) => ({
    type: 'audio',
    audio_event: { audio_base_64: base64, event_id: eventId },
  }),
  response: (text: string, eventId: number) => ({
    type: 'agent_response',
    agent_response_event: { agent_response: text, event_id: eventId },
  }),
  correction: (original: string, corrected: string, eventId: number) => ({
    type: 'agent_response_correction',
    agent_response_correction_event: {
      original_agent_response: original,
      corrected_agent_response: corrected,
      event_id: eventId,
    },
  }),
  transcript: (text: string, eventId: number) => ({
    type: 'user_transcript',
    user_transcription_event: { user_transcript: text, event_id: eventId },
  }),
  tentative: (text: string, eventId: number) => ({
    type: 'tentative_user_transcript',
    tentative_user_transcription_event: { user_transcript: text, event_id: eventId },
  }),
  interruption: (eventId: number) => ({
    type: 'interruption',
    interruption_event: { event_id: eventId },
  }),
  ping: (eventId: number) => ({ type: 'ping', ping_event: { event_id: eventId, ping_ms: null } }),
}
