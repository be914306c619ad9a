import type { Json } from '../json.ts'
import { Index, QUESTION_SHARE, STATEMENT_SHARE } from './retrieval.ts'
import { type Sentence, sentencesOf, termsOf } from './words.ts'

// Stands in for the language model. It knows what the model would be given (prompt, attached texts,
// variables, updates, the conversation so far) and nothing else: there is no answer in this file that
// says anything about anybody's business.

export type Knowledge = { prompt: string; documents: string[]; variables: Json }

export type Reply = { say: string; wantsToEnd: boolean; isAnswered: boolean }

export const lines = {
  greeting: 'Hello! How can I help you?',
  thanks: 'You are welcome. Is there anything else I can do for you?',
  farewell: 'Thank you for calling. Goodbye.',
  unknown: 'I am sorry, I do not know that.',
  acknowledged: 'I see. Please go on.',
  agreed: 'All right.',
  damaged: 'I am sorry, I could not understand that. Could you please say it again?',
  unheard: 'I am sorry, this line understands typed words only.',
  stillThere: 'Are you still there?',
} as const

const FAREWELL = /\b(?:good\s?bye|bye|that is all|thats all|nothing else|hang up|see you)\b/
const THANKS = /\b(?:thanks|thank you|thx)\b/
const GREETING = /^(?:hello|hi|hey|good (?:morning|afternoon|evening|day))\b/
const AGREEMENT = /^(?:yes|yeah|yep|ok|okay|sure|right|fine|great|all right|perfect|no)\b/
const QUESTION =
  /\?\s*$|^(?:and |so |but |well )?(?:what|when|where|who|whom|whose|which|why|how|is|are|am|do|does|did|can|could|will|would|should|may|have|has|tell me|explain|describe)\b/
const ABOUT_CALLER = /\b(?:my|i|me|mine)\b/
const INSTRUCTION =
  /^(?:always|never|do not|don't|be|keep|speak|ask|answer|respond|reply|use|act|greet|offer|say|stay|remember|make sure|try|avoid|if asked|you (?:must|should|can|may|will)|your (?:task|goal|job))\b/i

const MAX_MEMORIES = 200 // a caller's statements kept; older ones are long past answering
const MAX_UPDATES = 100
const MAX_QUESTIONS = 3 // answered in one breath

export class Brain {
  readonly #facts: Sentence[]
  #index: Index
  readonly #updates = new Map<string, string>()
  readonly #told: string[] = []
  #lastQuestion = ''
  #anonymous = 0

  constructor(knowledge: Knowledge) {
    const variables = Object.entries(knowledge.variables)
      .filter(([name]) => !name.startsWith('secret__') && !name.startsWith('system__'))
      .map(([name, value]) => ({
        text: `The ${name.replaceAll('_', ' ')} is ${String(value)}.`,
        heading: '',
      }))
    this.#facts = [
      ...sentencesOf(knowledge.prompt)
        .filter(({ text }) => !INSTRUCTION.test(text))
        .map(inFirstPerson),
      ...knowledge.documents.flatMap(sentencesOf),
      ...variables,
    ]
    this.#index = new Index(this.#facts)
  }

  /** Known from now on, without a word; the same context replaces what it said before. */
  learn(text: string, contextId?: string): void {
    const key = contextId ?? `#${this.#anonymous++}`
    this.#updates.delete(key)
    this.#updates.set(key, text)
    const [oldest] = this.#updates.keys()
    if (this.#updates.size > MAX_UPDATES && oldest !== undefined) this.#updates.delete(oldest)
    const learned = [...this.#updates.values()].flatMap(sentencesOf)
    this.#index = new Index([...this.#facts, ...learned])
  }

  reply(said: string): Reply {
    const plain = said.toLowerCase().replace(/[’']/g, '').trim()
    const questions = sentencesOf(said).map(({ text }) => text)
    const answers: string[] = []
    for (const question of questions.slice(0, MAX_QUESTIONS)) {
      const answer = this.#answer(question)
      if (answer && !answers.includes(answer)) answers.push(answer)
    }
    const isQuestion = questions.some((text) => QUESTION.test(text.toLowerCase()))
    if (!isQuestion) this.#remember(said)
    if (FAREWELL.test(plain) && !isQuestion)
      return { say: lines.farewell, wantsToEnd: true, isAnswered: true }
    if (answers.length > 0) return saying(answers.join(' '))
    if (isQuestion) return { say: lines.unknown, wantsToEnd: false, isAnswered: false }
    if (THANKS.test(plain)) return saying(lines.thanks)
    if (GREETING.test(plain)) return saying(lines.greeting)
    if (AGREEMENT.test(plain)) return saying(lines.agreed)
    return saying(lines.acknowledged)
  }

  #answer(question: string): string | undefined {
    const isQuestion = QUESTION.test(question.toLowerCase())
    const found = this.#index.best(
      question,
      isQuestion ? QUESTION_SHARE : STATEMENT_SHARE,
      isQuestion ? this.#lastQuestion : '',
    )
    if (isQuestion) this.#lastQuestion = question
    const told = isQuestion && ABOUT_CALLER.test(question.toLowerCase()) && this.#recall(question)
    if (told && (!found || told.score > found.score)) return `You told me: ${told.text}`
    return found?.text
  }

  #recall(question: string) {
    const told = this.#told.map((text) => ({ text, heading: '' }))
    return told.length > 0 ? new Index(told).best(question, QUESTION_SHARE) : undefined
  }

  #remember(said: string): void {
    if (termsOf(said).length === 0) return
    this.#told.push(said)
    if (this.#told.length > MAX_MEMORIES) this.#told.shift()
  }
}

/** A prompt speaks to the agent; the agent speaks of itself. */
function inFirstPerson({ text, heading }: Sentence): Sentence {
  const turned = text
    .replace(/\b[Yy]ou are\b/g, 'I am')
    .replace(/\b[Yy]ou were\b/g, 'I was')
    .replace(/\byours\b/g, 'mine')
    .replace(/\bYour\b/g, 'My')
    .replace(/\byour\b/g, 'my')
    .replace(/\b[Yy]ourself\b/g, 'myself')
    .replace(/^You\b/, 'I')
  return { text: turned, heading }
}

function saying(say: string): Reply {
  return { say, wantsToEnd: false, isAnswered: true }
}
