import type { VendorName } from '#api/contract/vendors.ts'

export type { VendorName }

export const TWILIO_FALLBACK_PATH = '/webhooks/twilio/fallback'

/** What the domains ask of the outside world; `api/vendors/` holds the only implementations. */
export type Vendors = {
  /** The platform's own account. */
  twilio: TwilioClient
  /** Another account, as a tenant connected it. */
  twilioOf(account: { accountSid: string; authToken: string }): TwilioClient
  /** Where Twilio and ElevenLabs reach our gateways. */
  gatewayUrl: string
  /** Where Twilio turns when it gets nothing from the gateways. */
  fallbackUrl: string
  elevenLabs: ElevenLabsClient
  storage: ObjectStore
  mail: MailClient
  clerk: ClerkClient
  /** Null where no key is configured: nothing can be paid in then. */
  stripe: StripeClient | null
  openAi: OpenAiClient
  tenantHttp: TenantHttp
  /** Whether the platform's account at a vendor is known not to answer, so that what needs it is not begun. */
  isAway(vendor: VendorName): boolean
}

/** What is known of the vendors' health in this process. */
export type Breakers = { readings(): BreakerReading[] }
export type BreakerReading = {
  vendor: VendorName
  /** Null for the platform's own; otherwise a tenant's. */
  account: string | null
  /** `half_open` is one whose next request decides. */
  state: 'closed' | 'half_open' | 'open'
  /** How often it opened since the process began. */
  openings: number
}

export type OpenAiClient = {
  /** Vectors of different models cannot be compared: it is stored beside each. */
  embeddingModel: string
  /** A normalised vector of 1,536 components for each text, in their order; at most 2,048 texts, 300,000 tokens. */
  embed(texts: readonly string[]): Promise<Float32Array[]>
}

/** Addresses that tenants typed in: reached only over the public internet (THREATS T30). */
export type TenantHttp = {
  /** Why this address will never be called; null where it may be, though its name is not resolved yet. */
  refuse(url: string): 'not_a_url' | 'credentials' | 'not_https' | 'address' | null
  /** At most 64 KiB; an address we must not reach answers like one that does not. No redirect is followed. */
  get(url: string): Promise<{ status: number; bytes: Buffer } | { error: TenantHttpError }>
  post(
    url: string,
    request: { headers: Record<string, string>; body: string },
  ): Promise<{ status: number } | { error: TenantHttpError }>
  /** Any method, with the whole answer. */
  request(
    url: string,
    request: {
      method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
      headers: Record<string, string>
      body?: string
    },
  ): Promise<{ status: number; bytes: Buffer } | { error: TenantHttpError }>
}
export type TenantHttpError = 'unreachable' | 'timeout' | 'redirect' | 'too_large'

export type TwilioClient = {
  accountSid: string
  /** For vendors that are given the account, and for checking signatures. */
  credentials(): { accountSid: string; authToken: string }
  /** Proves that the token is good. */
  fetchAccount(): Promise<{ friendlyName: string; isActive: boolean }>
  /** Moves the carrier's own limit: the call ends at that many seconds after answer, whoever is alive. */
  setTimeLimit(twilioCallSid: string, seconds: number): Promise<void>
  /** Ends a call; one that is over already counts as ended. */
  endCall(twilioCallSid: string): Promise<void>
  /** Asks for a call once; never tried again by itself. */
  createCall(order: CallOrder): Promise<CallCreation>
  /** Calls we placed between two numbers since then, newest first. */
  findCalls(query: { from: string; to: string; createdAfter: Date }): Promise<PlacedCall[]>
  /** Null where Twilio knows no such call. */
  fetchCall(twilioCallSid: string): Promise<TwilioCall | null>
  /** A WAV file; null where it is not there (yet). */
  fetchRecording(twilioRecordingSid: string): Promise<Buffer | null>
  deleteRecording(twilioRecordingSid: string): Promise<void>
  /** Local numbers with voice that can be bought now; none where Twilio sells none there. */
  searchNumbers(query: {
    country: string
    limit: number
    contains?: string | undefined
    areaCode?: string | undefined
  }): Promise<AvailableNumber[]>
  /** What a local number costs a month; null where Twilio names no price. */
  findNumberPrice(country: string): Promise<{ amountMicros: number; currency: string } | null>
  /** All the account holds, a thousand at most. */
  listNumbers(): Promise<TwilioNumber[]>
  /** Null where the account does not hold the number. */
  findNumber(e164: string): Promise<TwilioNumber | null>
  buyNumber(e164: string, to: NumberWebhooks): Promise<TwilioNumber>
  pointNumber(twilioNumberSid: string, to: NumberWebhooks): Promise<TwilioNumber>
  /** Gives a number back to Twilio for good; one that is gone already counts as given back. */
  releaseNumber(twilioNumberSid: string): Promise<void>
}
export type NumberWebhooks = {
  voiceUrl: string
  voiceFallbackUrl: string
  statusCallback: string
  /** While one of these is set, Twilio ignores the addresses; cleared where absent. */
  voiceApplicationSid?: string
  trunkSid?: string
}
export type CallOrder = {
  from: string
  to: string
  /** Asked for TwiML when somebody answers. */
  answerUrl: string
  fallbackUrl: string
  statusUrl: string
  /** Told whether a person or a machine answered. */
  answeredByUrl: string
  ringSeconds: number
  timeLimitSeconds: number
}
export type CallCreation =
  | { outcome: 'created'; twilioCallSid: string }
  | { outcome: 'refused'; code: string | null; words: string | null }
  /** There may be a call or not. */
  | { outcome: 'unknown'; failure: Error }
/** `createdAt` is null for a call that waits to be placed. */
export type PlacedCall = { twilioCallSid: string; createdAt: Date | null }
export type TwilioCall = {
  status: string
  /** Counted from answer; null until the call is over. */
  durationSeconds: number | null
  startedAt: Date | null
  endedAt: Date | null
}
export type NumberCapabilities = { voice: boolean; sms: boolean; mms: boolean }
export type AvailableNumber = {
  e164: string
  locality: string | null
  region: string | null
  country: string
  capabilities: NumberCapabilities
}
export type TwilioNumber = Required<NumberWebhooks> & {
  sid: string
  e164: string
  friendlyName: string
  capabilities: NumberCapabilities
}

export type ElevenLabsClient = ElevenLabsKnowledge &
  ElevenLabsTools &
  ElevenLabsPhoneNumbers & {
    createAgent(agent: AgentSpec): Promise<string>
    updateAgent(elevenLabsAgentId: string, agent: AgentSpec): Promise<void>
    /** Null where ElevenLabs knows no such agent. */
    findAgent(elevenLabsAgentId: string): Promise<{ id: string } | null>
    /** The one agent with this tag, for a creation whose answer was lost. */
    findAgentByTag(tag: string): Promise<{ id: string } | null>
    /** What ElevenLabs holds, in the words we give it; null where it knows no such agent. */
    readAgent(elevenLabsAgentId: string): Promise<HeldAgent | null>
    /** One that is gone already counts as deleted. */
    deleteAgent(elevenLabsAgentId: string): Promise<void>
    /** Kept for a few minutes: the same for everybody. */
    listVoices(query: VoiceQuery): Promise<{ items: Voice[]; nextCursor: string | null }>
    /** MP3; null where there is no such voice, or nothing to listen to. */
    fetchVoiceSample(voiceId: string): Promise<Buffer | null>
    /** A URL that opens one conversation socket within 15 minutes. */
    signedUrl(elevenLabsAgentId: string): Promise<string>
    /** mu-law 8 kHz bytes. */
    speak(voiceId: string, text: string): Promise<Uint8Array>
    /** Null where there is no such conversation (yet). */
    fetchConversation(conversationId: string): Promise<Conversation | null>
    listConversations(query: {
      startedAfter: Date
      cursor?: string
      pageSize: number
    }): Promise<{ items: ConversationSummary[]; nextCursor: string | null }>
    ensureWebhook(url: string, name: string): Promise<{ webhookId: string; secret: string | null }>
  }
export type ElevenLabsPhoneNumbers = {
  /** Takes the number's VoiceUrl and StatusCallback over at Twilio. */
  importNumber(number: {
    e164: string
    label: string
    accountSid: string
    authToken: string
  }): Promise<string>
  /** Null where the number is not imported. */
  findImportedNumber(e164: string): Promise<ImportedNumber | null>
  assignNumber(elevenLabsPhoneNumberId: string, elevenLabsAgentId: string | null): Promise<void>
  /** One that is gone already counts as deleted. */
  deleteImportedNumber(elevenLabsPhoneNumberId: string): Promise<void>
  /** Who is asked before an imported number's call begins, for the whole workspace. */
  setInitiationWebhook(webhook: { url: string; headers: Record<string, string> }): Promise<void>
  /** TwiML with which our answer hands a call to ElevenLabs. */
  registerCall(call: {
    elevenLabsAgentId: string
    from: string
    to: string
    /** The agent's own limit where null. */
    maxDurationSeconds: number | null
    variables: Record<string, string>
  }): Promise<{ twiml: string; conversationId: string | null }>
}
export type ImportedNumber = { elevenLabsPhoneNumberId: string; elevenLabsAgentId: string | null }
export type ElevenLabsKnowledge = {
  createDocument(document: { name: string; text: string }): Promise<string>
  hasDocument(elevenLabsDocumentId: string): Promise<boolean>
  /** Newest first, a hundred a page. */
  listDocuments(query: {
    namePrefix: string
    cursor?: string | undefined
  }): Promise<{ items: ElevenLabsDocument[]; nextCursor: string | null }>
  /** Takes it away from agents that have it as well; one that is gone already counts as deleted. */
  deleteDocument(elevenLabsDocumentId: string): Promise<void>
}
export type ElevenLabsDocument = { elevenLabsDocumentId: string; name: string; createdAt: Date }
export type AgentSpec = AgentBasics & { tags: string[] } & Partial<
    AgentFeatures & { documents: { id: string; name: string }[] }
  >
export type HeldAgent = AgentBasics & AgentFeatures & { documentIds: string[] }
type AgentBasics = {
  name: string
  prompt: string
  firstMessage: string
  language: string
  voiceId: string
  maxDurationSeconds: number
}
/** What is as usual where it is left out. */
type AgentFeatures = {
  /** Variables with what stands in their place where a call brings no value. */
  variables: Record<string, string>
  llm: string
  temperature: number
  turnTimeoutSeconds: number
  turnEagerness: string
  isInterruptible: boolean
  endCall: boolean
  keypad: boolean
  transfers: { number: string; condition: string }[]
  toolIds: string[]
  dataCollection: { name: string; type: string; description: string }[]
  criteria: { name: string; goal: string }[]
}

export type ElevenLabsTools = {
  createTool(tool: ToolSpec): Promise<string>
  hasTool(elevenLabsToolId: string): Promise<boolean>
  /** The tool of this name and mark, for a creation whose answer was lost. */
  findTool(name: string, mark: string): Promise<string | null>
  /** Agents that have it lose it; one that is gone already counts as deleted. */
  deleteTool(elevenLabsToolId: string): Promise<void>
}
export type ToolSpec = {
  name: string
  description: string
  url: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  timeoutSeconds: number
  parameters: {
    name: string
    type: 'string' | 'number' | 'integer' | 'boolean'
    required: boolean
    value:
      | { from: 'conversation'; description: string }
      | { from: 'variable'; variable: string }
      | { from: 'constant'; constant: string | number | boolean }
  }[]
  /** Sent along with every call of the tool. */
  headers: Record<string, string>
  /** Sent along as well, and what it is found again by. */
  mark: string
}

export type VoiceQuery = {
  search?: string | undefined
  language?: string | undefined
  gender?: string | undefined
  cursor?: string | undefined
  limit: number
}
export type Voice = {
  voiceId: string
  name: string
  description: string | null
  language: string | null
  accent: string | null
  gender: string | null
  age: string | null
  useCase: string | null
  hasSample: boolean
}
export type ConversationSummary = {
  conversationId: string
  elevenLabsAgentId: string
  status: string
  startedAt: Date
}
export type Conversation = {
  conversationId: string
  elevenLabsAgentId: string
  status: 'initiated' | 'in-progress' | 'processing' | 'done' | 'failed'
  durationSeconds: number
  /** US dollars; null until ElevenLabs has rated the conversation. */
  costUsd: number | null
  terminationReason: string | null
  summary: string | null
  startedAt: Date
  /** Null for conversations that our gateway holds. */
  phoneCall: {
    twilioCallSid: string
    agentNumber: string
    externalNumber: string
    direction: 'inbound' | 'outbound'
  } | null
  turns: { role: 'user' | 'agent'; text: string | null; atSeconds: number; interrupted: boolean }[]
}

export type ObjectStore = {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>
  /** Null where there is no such object; `range` is inclusive bytes. */
  get(
    key: string,
    range?: { start: number; end: number },
  ): Promise<{ stream: ReadableStream<Uint8Array>; sizeBytes: number } | null>
  delete(key: string): Promise<void>
  list(prefix: string): AsyncIterable<{ key: string; sizeBytes: number; storedAt: Date }>
}

export type MailClient = {
  /** Connects, signs in and leaves again without sending. */
  verify(): Promise<void>
  send(message: {
    id: string
    to: string
    subject: string
    text: string
    html: string
  }): Promise<void>
}

export type ClerkClient = {
  fetchUser(clerkUserId: string): Promise<ClerkUser | null>
}
export type ClerkUser = {
  clerkUserId: string
  email: string
  emailVerified: boolean
  name: string
  /** Clerk's time of the last change. */
  updatedAt: Date
}

export type StripeClient = {
  createCustomer(asked: { organizationId: string; idempotencyKey: string }): Promise<string>
  /** A hosted page on which somebody pays; asked again under the same key, it is the same page. */
  openCheckout(asked: CheckoutOrder): Promise<StripeCheckout>
  /** Null where Stripe knows no such session. */
  findCheckout(stripeSessionId: string): Promise<StripeCheckout | null>
  /** Charges a saved card without its owner; a decline is an answer like any other. */
  chargeSavedCard(asked: CardCharge): Promise<StripePayment>
  findPayment(stripePaymentIntentId: string): Promise<StripePayment | null>
  /** The newest payments of a customer since a moment, a hundred at most. */
  listPayments(stripeCustomerId: string, createdAfter: Date): Promise<StripePayment[]>
  findRefund(stripeRefundId: string): Promise<StripeRefund | null>
  findDispute(stripeDisputeId: string): Promise<StripeDispute | null>
  /** What happened, newest first. */
  listEvents(query: {
    types: readonly string[]
    createdAfter: Date
    cursor?: string
  }): Promise<{ items: StripeEvent[]; nextCursor: string | null }>
}
export type CheckoutOrder = {
  organizationId: string
  topUpId: string
  stripeCustomerId: string
  amountCents: number
  currency: string
  saveCard: boolean
  expiresAt: Date
  successUrl: string
  cancelUrl: string
}
export type CardCharge = {
  organizationId: string
  topUpId: string
  stripeCustomerId: string
  stripePaymentMethodId: string
  amountCents: number
  currency: string
}
export type StripeCheckout = {
  stripeSessionId: string
  status: 'open' | 'complete' | 'expired'
  url: string | null
  /** What we gave the session when we made it. */
  topUpId: string | null
  stripePaymentIntentId: string | null
}
export type StripePayment = {
  stripePaymentIntentId: string
  /** `failed` is a payment whose card was refused; another card may still pay it. */
  status: 'succeeded' | 'failed' | 'canceled' | 'open'
  receivedCents: number
  currency: string
  stripeCustomerId: string | null
  topUpId: string | null
  receiptUrl: string | null
  /** Why the card was refused last. */
  failureCode: string | null
  /** Present where the card is kept for later charges. */
  savedCard: SavedCard | null
}
export type SavedCard = {
  stripePaymentMethodId: string
  brand: string
  lastFour: string
  /** `12/34` */
  expires: string
}
export type StripeRefund = {
  stripeRefundId: string
  stripePaymentIntentId: string | null
  amountCents: number
  currency: string
  /** The bank did not take it: the money is back. */
  hasFailed: boolean
}
export type StripeDispute = {
  stripeDisputeId: string
  stripePaymentIntentId: string | null
  amountCents: number
  currency: string
  /** `inquiry` moves no money. */
  outcome: 'inquiry' | 'open' | 'won' | 'lost'
}
export type StripeEvent = { id: string; type: string; objectId: string }
