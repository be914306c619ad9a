import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { agentTestFile, stepKindOf, stepKinds } from './agent-test.ts'

const parse = (steps: unknown) => agentTestFile.safeParse({ name: 'Hours', steps })
const refusals = (steps: unknown) =>
  parse(steps).error?.issues.map(({ path: at, message }) => `${at.join('.')} ${message}`)

test('the example of the documentation is a test with every kind of step but one of the two ends', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/agent-tests.md'), 'utf8')
  const [, example = ''] = /```json\n(.+?)```/s.exec(page) ?? []
  const { steps } = agentTestFile.parse(JSON.parse(example))
  const wanted = stepKinds.filter((kind) => kind !== 'hangsUp')
  expect(new Set(steps.map(stepKindOf))).toEqual(new Set(wanted))
})

test('what is left out is as usual', () => {
  expect(parse([{ says: 'Hi' }, { agentSays: 'hello' }]).data?.steps).toEqual([
    { says: 'Hi' },
    { agentSays: 'hello', withinMs: 15_000 },
  ])
})

describe('a step that is none is refused at its place, in words', () => {
  test.each<[string, unknown, string]>([
    ['of an unknown kind', { sayz: 'Hi' }, '0 must have one of says, interrupts'],
    ['that is no object', 3, '0 must have one of says, interrupts'],
    ['of two kinds', { says: 'Hi', waits: 100 }, '0 has both says and waits: a step is one thing'],
    ['without words', { agentSays: '…' }, '0.agentSays has no word'],
    ['that expects no words', { agentSays: 5 }, '0 agentSays: takes words'],
    ['that says nothing', { says: ' ' }, '0.says '],
    ['that waits too long', { waits: 60_001 }, '0.waits '],
    ['of a wrong type', { interrupts: 'Hi', afterMs: 'soon' }, '0 afterMs: '],
    ['with something unknown', { says: 'Hi', loudly: true }, '0 Unrecognized key: "loudly"'],
    ['with keys that no phone has', { presses: '12a' }, '0.presses takes 1 to 32 keys'],
    ['of somebody else’s words', { transcript: [{ boss: 'Hi' }] }, '0 transcript.0: must have'],
  ])('%s', (_what, step, wanted) => {
    const [refusal = ''] = refusals([step]) ?? []
    expect(refusal.slice('steps.'.length)).toContain(wanted)
  })
})

describe('steps out of order are refused', () => {
  test.each<[string, unknown[], string]>([
    ['a gap before anybody asked', [{ gapAtMost: 900 }], 'steps.0 needs something'],
    ['a stop without an interruption', [{ says: 'Hi' }, { agentStops: true }], 'steps.1 needs an'],
    ['a word after the end', [{ hangsUp: true }, { says: 'Hi' }], 'steps.1 stands behind the end'],
    ['a word after the whole', [{ chargeAtMost: 1 }, { says: 'Hi' }], 'steps.1 stands behind tra'],
  ])('%s', (_what, steps, wanted) => {
    expect(refusals(steps)?.[0]).toContain(wanted)
  })

  test('but what is about the whole call may stand behind its end', () => {
    const whole = [{ transcript: [{ agent: 'hello' }] }, { chargeAtMost: 5 }]
    expect(refusals([{ hangsUp: true }, ...whole])).toBeUndefined()
    expect(refusals([{ callEnds: 'agent' }, ...whole.toReversed()])).toBeUndefined()
  })
})

test('a file has between one and fifty steps, and a name', () => {
  expect(refusals([])).toHaveLength(1)
  const waits = Array.from({ length: 51 }, () => ({ waits: 100 }))
  expect(refusals(waits)).toHaveLength(1)
  expect(refusals(waits.slice(1))).toBeUndefined()
  expect(agentTestFile.safeParse({ name: ' ', steps: [{ waits: 100 }] }).success).toBe(false)
})
