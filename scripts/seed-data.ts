import { type AgentTestFile, agentTestFile } from '#api/contract/agent-test.ts'

/** A business as the seed makes it. The agent knows what its prompt says, so facts stand in short sentences. */
export type Business = {
  name: string
  slug: string
  timeZone: string
  agentName: string
  voiceId: string
  greeting: string
  prompt: string
  /** By which its agent is tried. */
  test: AgentTestFile
}

const aTestOfPrice = (question: string, price: string): AgentTestFile =>
  agentTestFile.parse({
    name: 'A price, and politely',
    steps: [
      { agentSays: 'can I' },
      { says: question },
      { agentSays: price },
      { gapAtMost: 3_000 },
      { says: 'Thank you, goodbye.' },
      { callEnds: 'agent' },
      { chargeAtMost: 25 },
    ],
  })

const businesses: readonly Business[] = [
  {
    name: 'Northwind Dental',
    slug: 'northwind',
    timeZone: 'America/Los_Angeles',
    agentName: 'Dana, reception',
    voiceId: 'sbx0000000000000Alma',
    greeting: 'Northwind Dental, this is Dana. How can I help you?',
    prompt: `You are Dana, the receptionist of Northwind Dental. Your name is Dana.
Be friendly and brief. Answer only from what you know here. If you do not know, say so.

We are open from eight to five on weekdays and from nine to one on Saturday. On Sunday we are closed, but in an emergency you can call the clinic on Mill Road at any time.
A cleaning costs ninety dollars. A filling costs two hundred dollars. A whitening costs three hundred dollars.
A first examination is free for new patients.
Our address is twelve Harbor Street, with free parking behind the building.
An appointment can be cancelled until the day before, and a late cancellation costs twenty dollars.
We take Delta and Aetna insurance.
Doctor Mills speaks Spanish. Doctor Chen treats children.
A cleaning takes forty minutes.`,
    test: aTestOfPrice('How much is a cleaning?', 'ninety dollars'),
  },
  {
    name: 'Harbor Bikes',
    slug: 'harbor-bikes',
    timeZone: 'America/New_York',
    agentName: 'Sam, workshop',
    voiceId: 'sbx0000000000000Bart',
    greeting: 'Harbor Bikes, Sam speaking. What can I do for you?',
    prompt: `You are Sam, at the workshop desk of Harbor Bikes. Your name is Sam.
Be friendly and brief. Answer only from what you know here. If you do not know, say so.

We are open from ten to six every day but Monday. On Monday we are closed, because that is the day on which we repair our own bikes.
A tune up costs eighty dollars. A flat tire costs fifteen dollars. Renting a bike costs thirty dollars a day.
Our address is four Pier Lane, with parking on the street.
A rental can be cancelled free of charge until the evening before.
A tune up takes two days.`,
    test: aTestOfPrice('How much is a tune up?', 'eighty dollars'),
  },
]

/**
 * The n-th business; beyond the written ones the last is numbered, so that any count can be had. With a suffix it is a
 * business of its own beside the one without.
 */
export function businessAt(index: number, suffix?: string): Business {
  const written = businesses[index]
  if (written) return suffix === undefined ? written : marked(written, suffix)
  const last = businesses[businesses.length - 1]!
  return marked(last, suffix === undefined ? `${index + 1}` : `${suffix}-${index + 1}`)
}

const marked = (business: Business, mark: string): Business => ({
  ...business,
  name: `${business.name} ${mark}`,
  slug: `${business.slug}-${mark}`,
})
