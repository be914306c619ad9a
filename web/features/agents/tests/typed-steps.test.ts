import { describe, expect, test } from 'vitest'
import { agentTestFile, type StepKind, stepKinds } from '#api/contract/agent-test.ts'
import { readTest, readTestFile } from './test-file.ts'
import {
  blankStep,
  disorderOf,
  faultsOf,
  type TypedStep,
  typedTest,
  typedTestSchema,
  writtenTest,
} from './typed-steps.ts'

const step = (kind: StepKind, over: Partial<TypedStep> = {}): TypedStep => ({
  ...blankStep(kind),
  ...over,
})

/** Every kind once, as somebody may write it. */
const everything = {
  name: 'Everything',
  steps: [
    { agentSays: 'how can I help' },
    { says: 'When are you open?' },
    { agentSays: ['nine to five', 'Monday'], withinMs: 9_000 },
    { gapAtMost: 1_500 },
    { interrupts: 'Wait, wait', afterMs: 700 },
    { agentStops: true },
    { presses: '12#' },
    { waits: 2_000 },
    { toolCalled: 'find_slot' },
    { callEnds: 'agent' },
    { transcript: [{ caller: 'open' }, { agent: 'nine to five' }] },
    { chargeAtMost: 25 },
  ],
}

describe('a test under the hands of a person', () => {
  test('comes back from its fields as it went in, whatever kinds it has', () => {
    const parsed = agentTestFile.parse(everything)
    const hangsUp = agentTestFile.parse({ name: 'Short', steps: [{ hangsUp: true }] })
    for (const each of [parsed, hangsUp])
      expect(agentTestFile.parse(writtenTest(typedTest(each)))).toEqual(each)
    const kinds = [...parsed.steps, ...hangsUp.steps].flatMap((each) => Object.keys(each))
    expect(stepKinds.filter((kind) => !kinds.includes(kind))).toEqual([])
  })

  test('begins each kind with what the file leaves out', () => {
    const written = writtenTest({ name: 'x', steps: [step('agentSays', { text: 'hello' })] })
    const left = agentTestFile.parse({ name: 'x', steps: [{ agentSays: 'hello' }] })
    expect(agentTestFile.parse(written)).toEqual(left)
  })

  test('is told at which field of which step it is wrong', () => {
    const faults = faultsOf([
      step('says'),
      step('agentSays', { text: 'hello\n\n!!', number: 5 }),
      step('presses', { text: 'abc' }),
      step('waits', { number: Number.NaN }),
      step('transcript', {
        lines: [
          { speaker: 'caller', words: 'x' },
          { speaker: 'agent', words: '' },
        ],
      }),
      step('hangsUp'),
    ])
    expect(faults.map(({ place, field, line }) => [place, field, line])).toEqual([
      [0, 'text', null],
      [0, 'text', null],
      [1, 'text', 3],
      [1, 'number', null],
      [2, 'text', null],
      [3, 'number', null],
      [4, 'lines.1.words', null],
      [4, 'lines.1.words', null],
    ])
  })

  test('whose steps are right by themselves is told which stands in the wrong place', () => {
    const faults = faultsOf([
      step('gapAtMost'),
      step('agentStops'),
      step('chargeAtMost'),
      step('hangsUp'),
      step('waits'),
    ])
    expect(faults.map(({ place, field, issue }) => [place, field, disorderOf(issue)])).toEqual([
      [0, null, 'needs_speech'],
      [1, null, 'needs_interruption'],
      [3, null, 'after_whole'],
      [4, null, 'after_whole'],
    ])
  })

  test('is refused by the form at the same places, and without steps', () => {
    const schema = typedTestSchema(() => 'wrong')
    const issues = (steps: TypedStep[]) =>
      schema.safeParse({ name: ' ', steps }).error?.issues.map(({ path }) => path.join('.'))
    expect(issues([step('waits', { number: 1 })])).toEqual(['name', 'steps.0.number'])
    expect(issues([])).toEqual(['name', 'steps'])
    expect(schema.safeParse({ name: 'x', steps: [step('waits')] }).success).toBe(true)
  })
})

describe('the file of a test', () => {
  test('is read, or told at which step it is wrong', () => {
    expect(readTest(everything)).toMatchObject({ is: 'test', test: { name: 'Everything' } })
    const read = readTest({
      name: 'Broken',
      steps: [
        { says: 'hello' },
        { sayz: 'hello' },
        { says: 'a', waits: 5_000 },
        { agentSays: 'a', within: 3 },
        { agentStops: true },
      ],
    })
    expect(read).toMatchObject({ is: 'faulty' })
    const faults = read.is === 'faulty' ? read.faults : []
    expect(faults.map(({ place, kind, issue }) => [place, kind, issue.code])).toEqual([
      [1, null, 'invalid_union'],
      [2, null, 'invalid_union'],
      [3, 'agentSays', 'unrecognized_keys'],
    ])
  })

  test('that stands in the wrong order says so at the step', () => {
    const read = readTest({ name: 'Order', steps: [{ says: 'hello' }, { agentStops: true }] })
    const faults = read.is === 'faulty' ? read.faults : []
    expect(faults.map(({ place, issue }) => [place, disorderOf(issue)])).toEqual([
      [1, 'needs_interruption'],
    ])
  })

  test('is not taken where it is no JSON, no object, or far too large', async () => {
    expect(await readTestFile(new File(['{'], 'a.json'))).toMatchObject({ is: 'not_json' })
    expect(await readTestFile(new File(['[]'], 'a.json'))).toMatchObject({
      is: 'faulty',
      faults: [{ place: null, field: '' }],
    })
    const large = new File(['x'.repeat(1_000_001)], 'a.json')
    expect(await readTestFile(large)).toEqual({ is: 'too_large' })
  })
})
