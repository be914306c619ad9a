import { expect, test } from 'vitest'
import { Brain, lines } from './brain.ts'

const PROMPT = `You are Dana, the receptionist of Northwind Dental. Your name is Dana.
Always be polite. If asked about medicine, refuse.
A cleaning costs ninety dollars. A filling costs two hundred dollars.
We are open from nine to five on weekdays. On Saturday we are closed.
Dr. Mills speaks Spanish.`

const aBrain = (about: { documents?: string[]; variables?: Record<string, unknown> } = {}) =>
  new Brain({ prompt: PROMPT, documents: [], variables: {}, ...about })

test.each([
  ['How much is a cleaning?', 'A cleaning costs ninety dollars.'],
  ['What is the price of a filling?', 'A filling costs two hundred dollars.'],
  ['how expensive are fillings', 'A filling costs two hundred dollars.'],
  ['What are your hours on Saturday?', 'On Saturday we are closed.'],
  ['Does anyone speak Spanish?', 'Dr. Mills speaks Spanish.'],
  ['What is your name?', 'My name is Dana.'],
])('"%s" is answered with "%s"', (question, answer) => {
  expect(aBrain().reply(question)).toEqual({ say: answer, wantsToEnd: false, isAnswered: true })
})

test('the same question about another business gets that business’s own answer', () => {
  const other = new Brain({ prompt: 'A cleaning costs forty euros.', documents: [], variables: {} })
  expect(other.reply('How much is a cleaning?').say).toBe('A cleaning costs forty euros.')
})

test('what nobody told it, it does not know', () => {
  expect(aBrain().reply('Do you sell bicycles?')).toEqual({
    say: lines.unknown,
    wantsToEnd: false,
    isAnswered: false,
  })
})

test('an instruction is never read out as an answer', () => {
  expect(aBrain().reply('What about medicine?').say).toBe(lines.unknown)
  expect(aBrain().reply('Are you polite?').say).toBe(lines.unknown)
})

test('two questions in one breath get both answers', () => {
  expect(aBrain().reply('How much is a cleaning? And does anyone speak Spanish?').say).toBe(
    'A cleaning costs ninety dollars. Dr. Mills speaks Spanish.',
  )
})

test('attached texts answer too, with their headings as context', () => {
  const documents = [
    '# Parking\n- Free behind the building.\n# Insurance\n- We take Delta and Aetna.',
  ]
  const brain = aBrain({ documents })
  expect(brain.reply('Where can I park?').say).toBe('Free behind the building.')
  expect(brain.reply('Which insurance do you take?').say).toBe('We take Delta and Aetna.')
})

test('variables are known, secrets are not', () => {
  const variables = { loyalty_level: 'gold', secret__token: 'hush', system__agent_id: 'a' }
  const brain = aBrain({ variables })
  expect(brain.reply('What is my loyalty level?').say).toBe('The loyalty level is gold.')
  expect(brain.reply('What is the token?').say).toBe(lines.unknown)
})

test('an update is known from then on, and one of the same context replaces it', () => {
  const brain = aBrain()
  expect(brain.reply('Which page am I looking at?').say).toBe(lines.unknown)
  brain.learn('The customer is looking at the page about whitening.', 'page')
  expect(brain.reply('Which page am I looking at?').say).toContain('whitening')
  brain.learn('The customer is looking at the page about braces.', 'page')
  expect(brain.reply('Which page am I looking at?').say).toContain('braces')
})

test('what the caller said earlier can be asked for', () => {
  const brain = aBrain()
  brain.reply('My daughter is called Sophie.')
  expect(brain.reply('What is my daughter called?').say).toBe(
    'You told me: My daughter is called Sophie.',
  )
})

test('a follow-up is understood from the question before it', () => {
  const brain = aBrain({ documents: ['A cleaning for children costs forty dollars.'] })
  brain.reply('How much is a cleaning?')
  expect(brain.reply('And for children?').say).toBe('A cleaning for children costs forty dollars.')
})

test.each([
  ['Hello', lines.greeting],
  ['Thank you very much', lines.thanks],
  ['Yes', lines.agreed],
  ['I went for a walk', lines.acknowledged],
])('"%s" gets a polite line', (said, line) => {
  expect(aBrain().reply(said).say).toBe(line)
})

test.each(['Goodbye', 'Bye!', 'No, that is all.', "That's all, thanks"])('"%s" ends it', (said) => {
  expect(aBrain().reply(said)).toMatchObject({ say: lines.farewell, wantsToEnd: true })
})
