import { globSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, createApiClient } from '../api-client.ts'
import { ensureSeed, type Seed, type SeededPerson } from '../ensure-seed.ts'
import { createSandboxClient } from '../sandbox-client.ts'
import type { Stack } from '../stack.ts'
import type { Stage } from './stories.ts'

const GONE_WITHIN_MS = 10_000

/** Sets the stage on a running stack: two organizations, one of which may be made poor. */
export async function setStage(stack: Stack): Promise<{ stage: Stage; seed: Seed }> {
  const seed = await ensureSeed(stack.environment, { organizations: 2 })
  const [rich, poor] = seed.organizations
  const [superAdmin] = seed.platform
  if (!rich || !poor || !superAdmin) throw new Error('the seed is not whole')
  const sandbox = createSandboxClient(stack.urls.sandbox)
  const origin = new URL(stack.urls.web).origin
  const as = (person: SeededPerson | undefined): ApiClient => {
    if (!person) throw new Error('the seed has nobody for this')
    return createApiClient(stack.urls.api, () => sandbox.token(person.clerkUserId, origin))
  }
  return {
    seed,
    stage: {
      sandbox,
      api: as(rich.people.find((person) => person.role === 'admin')),
      number: rich.number,
      poor: {
        api: as(poor.people.find((person) => person.role === 'admin')),
        number: poor.number,
        organizationId: poor.organizationId,
        platform: as(superAdmin),
      },
      killGateways: (address) => killGateways(stack, address),
      tapeOf: (callId) => tapeOf(stack, callId),
    },
  }
}

async function killGateways(stack: Stack, address: string | undefined): Promise<void> {
  const port = address && Number(new URL(address).port)
  const gateways = stack
    .processes()
    .filter((row) => row.role === 'voice' && (!port || row.ports.includes(port)))
  if (gateways.length === 0) throw new Error(`no gateway listens at ${address}`)
  for (const { name } of gateways) stack.kill(name, 'SIGKILL')
  const killed = new Set(gateways.map(({ pid }) => pid))
  const deadline = performance.now() + GONE_WITHIN_MS
  while (stack.processes().some(({ pid }) => killed.has(pid))) {
    if (performance.now() > deadline) throw new Error('a gateway did not die')
    await sleep(50)
  }
}

function tapeOf(stack: Stack, callId: string): string {
  const [file] = globSync(join(stack.dataDir, 'objects', 'org', '*', `${callId}.tape`))
  if (!file) throw new Error(`the object store holds no tape of call ${callId}`)
  return file
}
