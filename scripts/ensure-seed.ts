import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Role } from '#api/contract/permissions.ts'
import type { Environment } from '#api/core/config.ts'
import { type Context, forOrganization, inTransaction } from '#api/core/context.ts'
import { findStanding, getUser, grantPlatformRole, syncUser } from '#api/domains/access/service.ts'
import { createAgentTest } from '#api/domains/agent-tests/service.ts'
import {
  type Agent,
  createAgent,
  getAgent,
  listAgents,
  publishAgent,
} from '#api/domains/agents/service.ts'
import { addMember } from '#api/domains/members/service.ts'
import { createOrganization } from '#api/domains/organizations/service.ts'
import { connectNumber, listPhoneNumbers } from '#api/domains/phone-numbers/service.ts'
import { adjustWallet } from '#api/domains/wallet/service.ts'
import { withContext } from './context.ts'
import { SUPER_ADMIN_EMAIL } from './sandbox-env.ts'
import { type Business, businessAt } from './seed-data.ts'
import { membersOf, PASSWORD, type Person, peopleAt } from './seed-people.ts'

export type SeededPerson = {
  role: Role
  name: string
  email: string
  password: string
  clerkUserId: string
  userId: string
}
export type SeededOrganization = {
  organizationId: string
  name: string
  agentId: string
  elevenLabsAgentId: string
  phoneNumberId: string
  /** The number to dial, in E.164. */
  number: string
  people: SeededPerson[]
}
export type Seed = { organizations: SeededOrganization[]; platform: SeededPerson[] }

const CREDIT_CENTS = 50_000 // hours of calls at the first price
const SYNC_WITHIN_MS = 30_000 // the worker starts a job within a second; ElevenLabs may be tried again
const SYNC_POLL_MS = 100
const FIRST_PAGE = { limit: 1 }

/**
 * Makes k organizations with one person for each role, money, an agent at ElevenLabs and a number at
 * Twilio, through the product's own verbs. What is there already is left as it is. The worker must
 * be running: it takes the agents to ElevenLabs. A suffix makes others than those without it.
 */
export function ensureSeed(
  environment: Environment,
  options: { organizations?: number; suffix?: string } = {},
): Promise<Seed> {
  return withContext('seed', environment, async (ctx, config) => {
    if (config.production) throw new Error('A production installation is never seeded.')
    const people = peopleAt(config.clerk)
    const ensure = async (person: Person): Promise<SeededPerson> => {
      const clerkUserId = await people.ensure(person)
      const known = await ctx.vendors.clerk.fetchUser(clerkUserId)
      if (!known) throw new Error(`Clerk does not know ${clerkUserId} which it has just made.`)
      const userId = await syncUser(ctx, known)
      const { role, email } = person
      return { role, name: known.name, email, password: PASSWORD, clerkUserId, userId }
    }
    const platform = await ensurePlatformPeople(ctx, ensure)
    const organizations: SeededOrganization[] = []
    for (let index = 0; index < (options.organizations ?? 1); index += 1)
      organizations.push(await ensureOrganization(ctx, businessAt(index, options.suffix), ensure))
    return { organizations, platform }
  })
}

type Ensure = (person: Person) => Promise<SeededPerson>

async function ensurePlatformPeople(ctx: Context, ensure: Ensure): Promise<SeededPerson[]> {
  // The allow-list of addresses makes the super_admin; the manager is granted the role.
  const superAdmin = await ensure({
    role: 'super_admin',
    email: SUPER_ADMIN_EMAIL,
    firstName: 'Sue',
    lastName: 'Super',
  })
  const manager = await ensure({
    role: 'manager',
    email: 'manager@voxcalls.test',
    firstName: 'Pat',
    lastName: 'Platform',
  })
  await grantPlatformRole(ctx, manager.userId, 'manager')
  return [superAdmin, manager]
}

async function ensureOrganization(
  ctx: Context,
  business: Business,
  ensure: Ensure,
): Promise<SeededOrganization> {
  const people: SeededPerson[] = []
  for (const member of membersOf(business.slug)) people.push(await ensure(member))
  const organizationId = await ensureTenant(ctx, business, people)
  const own = forOrganization(ctx, organizationId)
  await adjustWallet(own, organizationId, {
    // The same for every run: money is credited once.
    requestId: uuidOf(`seed:${organizationId}`),
    amountCents: CREDIT_CENTS,
    note: 'Play money of the sandbox',
  })
  const agent = await ensureAgent(own, business)
  const { phoneNumberId, number } = await ensureNumber(own, business, agent)
  return {
    organizationId,
    name: business.name,
    agentId: agent.id,
    elevenLabsAgentId: agent.elevenLabsAgentId ?? '',
    phoneNumberId,
    number,
    people,
  }
}

/** The organization of the admin, with the others as its members. */
async function ensureTenant(
  ctx: Context,
  { name, timeZone }: Business,
  people: SeededPerson[],
): Promise<string> {
  const [admin, ...others] = people
  if (!admin) throw new Error('an organization needs an admin')
  const standing = await findStanding(ctx, admin.userId)
  const founded = { name, timeZone, adminUserId: admin.userId }
  const organizationId = standing?.organizationId ?? (await createOrganization(ctx, founded)).id
  for (const { userId, role } of others) {
    if (await findStanding(ctx, userId)) continue
    const person = await getUser(ctx, userId)
    if (role === 'super_admin' || role === 'manager') throw new Error(`${role} is no member's role`)
    await inTransaction(forOrganization(ctx, organizationId), (tx) =>
      addMember(tx, { ...person, role }),
    )
  }
  return organizationId
}

async function ensureAgent(ctx: Context, business: Business): Promise<Agent> {
  const { items } = await listAgents(ctx, FIRST_PAGE)
  const agent =
    items[0] ??
    (await createAgent(ctx, {
      name: business.agentName,
      spec: {
        prompt: business.prompt,
        firstMessage: business.greeting,
        voiceId: business.voiceId,
      },
    }))
  // A seed that was stopped in between goes on here.
  if (agent.publishedVersion === null) {
    const { draftRevision, testCount } = await getAgent(ctx, agent.id)
    if (testCount === 0) await createAgentTest(ctx, agent.id, business.test)
    await publishAgent(ctx, agent.id, { expectedRevision: draftRevision })
  }
  const deadlineMs = performance.now() + SYNC_WITHIN_MS
  for (;;) {
    const now = await getAgent(ctx, agent.id)
    if (now.syncState === 'in_sync') return now
    if (performance.now() > deadlineMs)
      throw new Error(`The agent ${agent.id} did not reach ElevenLabs: ${now.syncState}.`)
    await sleep(SYNC_POLL_MS)
  }
}

async function ensureNumber(
  ctx: Context,
  business: Business,
  agent: Agent,
): Promise<{ phoneNumberId: string; number: string }> {
  const [known] = (await listPhoneNumbers(ctx, FIRST_PAGE)).items
  const [offered] = known
    ? [known]
    : await ctx.vendors.twilio.searchNumbers({ country: 'US', limit: 1 })
  if (!offered) throw new Error('Twilio offers no number to buy.')
  // Also for a known number: the gateways may have moved to another address since.
  const { phoneNumberId } = await connectNumber(ctx, {
    e164: offered.e164,
    agentId: agent.id,
    label: business.name,
  })
  return { phoneNumberId, number: offered.e164 }
}

/** A name as a UUID (version 8: made from a hash of our own). */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-')
}
