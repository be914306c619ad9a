import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'

const PROGRAM = path.join(import.meta.dirname, 'killed-process-testing.ts')
const AT_ONCE = 3 // processes: each is half a second of starting up

/** For one test: a busy machine takes seconds to start a process, and there are dozens. */
export const KILLS_MS = 240_000

/** Does a deed in a process that is killed before its n-th step; its steps, or null where it did not get to its end. */
type Die<Deed> = (deed: Deed, point: number) => Promise<string[] | null>

/** `performs` is a file that exports `perform(ctx, deed)`. */
export const killing =
  <Deed>(o: {
    databaseUrls: object
    environment: Record<string, string>
    performs: string
  }): Die<Deed> =>
  async (deed, point) => {
    const { signal, said, complained } = await run(
      [PROGRAM, JSON.stringify(o.databaseUrls), o.performs, String(point), JSON.stringify(deed)],
      o.environment,
    )
    if (signal !== 'SIGKILL') throw new Error(`it was not killed but ended: ${complained}`)
    return said === '' ? null : (JSON.parse(said) as string[])
  }

/**
 * Makes a scene for each kill, has it killed there and looks at what is left; first one whose deed gets to its end.
 * Says how many there were besides that one.
 */
export async function killAtEachStep<Scene>(o: {
  make(): Promise<Scene>
  die(scene: Scene, point: number): Promise<string[] | null>
  /** Only every so many of the kills that differ, the last one among them. */
  every?: number
  look(scene: Scene, isWhole: boolean): Promise<void>
}): Promise<number> {
  const whole = await o.make()
  const steps = await o.die(whole, 0)
  if (!steps) throw new Error('it did not get to its end')
  await o.look(whole, true)

  const every = o.every ?? 1
  const points = differingKills(steps)
    .toReversed()
    .filter((_, i) => i % every === 0)
  const count = points.length
  const hand = async () => {
    for (let point = points.shift(); point; point = points.shift()) {
      const scene = await o.make()
      const where = `before step ${point} of ${steps.length}, ${steps[point - 1]}`
      if (await o.die(scene, point)) throw new Error(`it got to its end, not killed ${where}`)
      await o.look(scene, false).catch((error: unknown) => {
        throw new Error(`what was killed ${where}`, { cause: error })
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, hand))
  return count
}

/**
 * Where being killed leaves something else behind: before the first transaction that writes commits and before the
 * last, before a vendor is asked to do something, and when it has done it and nobody has written that down.
 */
export function differingKills(steps: readonly string[]): number[] {
  const points: number[] = []
  let last = 0
  let isWriting = false
  let isNew = true
  for (const [i, step] of steps.entries()) {
    const isCommit = step === 'commit' && isWriting
    const isRequest = VENDOR_WRITES.includes(step)
    if (isRequest || (isCommit && isNew)) points.push(i + 1)
    if (isCommit) last = i + 1
    if (isCommit || isRequest) isNew = isRequest
    if (step === 'begin') isWriting = false
    if (WRITES.includes(step)) isWriting = true
  }
  return last === 0 || points.includes(last) ? points : [...points, last]
}

const VENDOR_WRITES = ['POST', 'PATCH', 'PUT', 'DELETE']
const WRITES = ['insert', 'update', 'delete', 'with', 'function']

async function run(args: string[], environment: Record<string, string>) {
  const env = {
    ...process.env,
    ...environment,
    // Half of a start is compiling, always of the same files.
    NODE_COMPILE_CACHE: path.join(tmpdir(), 'voxcalls-killed'),
  }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let complained = ''
  child.stdout.on('data', (part) => {
    said += part
  })
  child.stderr.on('data', (part) => {
    complained += part
  })
  await once(child, 'close')
  return { signal: child.signalCode, said, complained }
}
