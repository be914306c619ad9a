import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'vitest'

const DEMO = join(import.meta.dirname, '..', 'scripts', 'demo.ts')
const RUN_MS = 150_000 // a stack's start, one call, its recording and the stack's end, on a busy machine

async function demo(...options: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [DEMO, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const [code] = (await once(child, 'exit')) as [number | null]
  return { code, output }
}

test.concurrent(
  'the demo tells an ordinary call and finds every promise kept',
  async ({ expect }) => {
    const { code, output } = await demo('--only', 'ordinary')
    expect(output).toContain('1 stories told, 0 promises broken')
    expect(code).toBe(0)
  },
  RUN_MS,
)

test.concurrent(
  'the demo notices one byte of the agent’s audio that was turned over on its way',
  async ({ expect }) => {
    const { code, output } = await demo('--flip', '--only', 'ordinary')
    expect(output).toMatch(/^BROKEN {2}an ordinary call/m)
    expect(code).toBe(1)
  },
  RUN_MS,
)
