import { describe, expect, test } from 'vitest'
import { agentSpec } from '#api/contract/agent-spec.ts'
import { lineDiff } from '../../lib/line-diff.ts'
import { faultPaths, faultsByTab, tabOf } from './editor-tabs.ts'
import { changedParts, mergeDrafts } from './merge.ts'
import { typedValues } from './tool-values.ts'

const draft = agentSpec.parse({ prompt: 'Be brief.' })

describe('two people’s changes', () => {
  test('to different parts go together', () => {
    const theirs = { ...draft, temperature: 0.5 }
    const mine = { ...draft, prompt: 'Be kind.' }
    expect(mergeDrafts(draft, theirs, mine)).toEqual({
      ...draft,
      temperature: 0.5,
      prompt: 'Be kind.',
    })
  })

  test('to the same part do not, even where they say the same', () => {
    const both = { ...draft, prompt: 'Be kind.' }
    expect(mergeDrafts(draft, both, both)).toBeNull()
  })

  test('the order of keys is no change', () => {
    const { timeoutSeconds, eagerness } = draft.turn
    expect(changedParts(draft, { ...draft, turn: { eagerness, timeoutSeconds } })).toEqual([])
    expect(changedParts(draft, { ...draft, turn: { eagerness, timeoutSeconds: 9 } })).toEqual([
      'turn',
    ])
  })
})

describe('faults', () => {
  const errors = {
    maxDurationSeconds: { type: 'too_small', message: 'At least 60' },
    tools: {
      webhooks: [undefined, { url: { message: 'No address' }, name: { message: 'Missing' } }],
    },
    ref: { message: 'the field itself' },
  }

  test('are found by tab, in the order of the tabs', () => {
    expect(faultPaths(errors)).toEqual([
      'tools.webhooks.1.url',
      'tools.webhooks.1.name',
      'maxDurationSeconds',
    ])
    expect([...faultsByTab(errors)]).toEqual([
      ['tools', 2],
      ['behaviour', 1],
    ])
  })

  test('of what is no part of a draft belong to no tab', () => {
    expect(tabOf('spec')).toBeNull()
    expect(faultsByTab(undefined).size).toBe(0)
  })
})

describe('a text line by line', () => {
  test('shows what changed with the lines beside it, and counts the others', () => {
    const before = ['1', '2', '3', '4', 'old', '6', '7', '8'].join('\n')
    const after = ['1', '2', '3', '4', 'new', '6', '7', '8'].join('\n')
    expect(lineDiff(before, after)).toEqual([
      { kind: 'gap', count: 3 },
      { kind: 'same', text: '4' },
      { kind: 'before', text: 'old' },
      { kind: 'after', text: 'new' },
      { kind: 'same', text: '6' },
      { kind: 'gap', count: 2 },
    ])
  })

  test('of added and removed lines keeps the others', () => {
    expect(lineDiff('a\nb', 'a\nx\nb')).toEqual([
      { kind: 'same', text: 'a' },
      { kind: 'after', text: 'x' },
      { kind: 'same', text: 'b' },
    ])
    expect(lineDiff('a\nx\nb', 'b')).toEqual([
      { kind: 'before', text: 'a' },
      { kind: 'before', text: 'x' },
      { kind: 'same', text: 'b' },
    ])
  })

  test('that is very long is shown whole on both sides', () => {
    const long = Array.from({ length: 400 }, (_, line) => `${line}`).join('\n')
    expect(lineDiff(long, `${long}!`).map(({ kind }) => kind)).toEqual(['before', 'after'])
  })
})

test('values for a tool are sent as the type they have, and what is empty not at all', () => {
  const parameter = (name: string, type: 'string' | 'number' | 'integer' | 'boolean') => ({
    name,
    type,
    required: true,
    value: { from: 'conversation' as const, description: 'It' },
  })
  const tool = {
    name: 'find',
    description: 'Finds it.',
    url: 'https://a.test/',
    method: 'POST' as const,
    timeoutSeconds: 20,
    parameters: [
      parameter('text', 'string'),
      parameter('count', 'integer'),
      parameter('price', 'number'),
      parameter('now', 'boolean'),
      parameter('empty', 'string'),
    ],
  }
  const typed = { text: '7', count: 'many', price: '1.5', now: 'true', empty: '' }
  expect(typedValues(tool, typed)).toEqual({ text: '7', count: 'many', price: 1.5, now: true })
})
