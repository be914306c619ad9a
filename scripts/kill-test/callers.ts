import { setTimeout as sleep } from 'node:timers/promises'
import type { PhoneCall, SandboxClient, Step } from '../sandbox-client.ts'

export type Placed = { callSid: string; phone: PhoneCall }

const CALL_MS = 180_000 // every wait of the script at its longest
const AGAIN_MS = 1_000 // nobody could be reached, as when both gateways are down
const STAGGER_MS = 150
const LISTEN_MS = 12_000 // a killed gateway's caller waits up to 5 s for another one (F2), and a turn takes 5 s

const questions = [
  'How much is a cleaning?',
  'Until when are you open on Saturday?',
  'How much is a filling?',
  'Where is your address?',
]

/** A caller who asks on whatever happens, and hangs up like a patient person. */
function script(first: number): Step[] {
  const asked = questions.flatMap((_, n): Step[] => [
    { say: questions[(first + n) % questions.length] ?? '' },
    { hear: null, timeoutMs: LISTEN_MS },
  ])
  return [{ hear: null, timeoutMs: LISTEN_MS }, ...asked, { hangUp: true }]
}

/** Keeps that many people on the phone until asked to stop; resolves when the last one has hung up. */
export async function keepCalling(
  sandbox: SandboxClient,
  options: { number: string; calls: number; until: AbortSignal },
): Promise<Placed[]> {
  const placed: Placed[] = []
  let callers = 0
  const one = async (line: number) => {
    await sleep(line * STAGGER_MS)
    while (!options.until.aborted) {
      // A number of its own for each call, so that no limit of one caller stands in the way.
      const from = `+1500555${String(2_000 + callers++).padStart(4, '0')}`
      const callSid = await sandbox.dial({ from, to: options.number, script: script(line) })
      const phone = await sandbox.ended(callSid, CALL_MS)
      placed.push({ callSid, phone })
      if (phone.heard.length === 0) await sleep(AGAIN_MS)
    }
  }
  await Promise.all(Array.from({ length: options.calls }, (_, line) => one(line)))
  return placed
}
